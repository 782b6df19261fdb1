"""Business processes and reusable products: what the interfaces are for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.models import Team, User

from ..models import BusinessProcess, Interface, ProcessStep, Product
from .checks import clean


def define_process(
    key: str,
    *,
    name: str,
    steps: Sequence[Mapping[str, Any]],
    purpose: str = "",
    owner_team: Team | None = None,
    now: dt.datetime,
    actor: User,
) -> BusinessProcess:
    """A process with its ordered steps (``name``, ``actor_system``, ``interface``, ``sla_s``, ...)."""  # fmt: skip
    require(actor, "define", BusinessProcess)
    process = BusinessProcess(key=key, name=name, purpose=purpose, owner_team=owner_team)
    clean(process)
    said = {"steps": [step["name"] for step in steps]}
    with recorded("catalog.process.define", actor=actor, subject=process, now=now, facts=said):
        process.save(force_insert=True)
        for order, step in enumerate(steps, start=1):
            made = ProcessStep(process=process, order=order, **step)
            clean(made)
            made.save(force_insert=True)
    return process


def define_product(
    key: str, *, name: str, interfaces: Sequence[Interface], capability: str = "", now: dt.datetime, actor: User
) -> Product:
    """A reusable product; reuse is counted over the consumers of its interfaces."""
    require(actor, "define", Product)
    product = Product(key=key, name=name, capability=capability)
    clean(product)
    said = {"interfaces": [interface.key for interface in interfaces]}
    with recorded("catalog.product.define", actor=actor, subject=product, now=now, facts=said):
        product.save(force_insert=True)
        product.interfaces.set(interfaces)
    return product
