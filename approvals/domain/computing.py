"""Evidence that nobody types: computed from the record when a change is submitted, revised or assessed again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.domain.queries import impacts_of
from catalog.models import Interface, Subscription
from governance.domain.audit import plain

from ..evidence import kind_of
from ..models import ChangeItem, ChangeRequest
from .requirements import ChangePlan
from .templates import automated_checks, template_used

QUIET = dt.timedelta(days=30)


@dataclass
class Subject:
    """What the evidence is computed over: one revision of a change, at one time."""

    change: ChangeRequest
    items: Sequence[ChangeItem]
    planned: ChangePlan
    now: dt.datetime
    interfaces: list[Interface] = field(init=False)
    uses: list[Subscription] = field(init=False)

    def __post_init__(self) -> None:
        touched = {one.pk: one for item in self.items if (one := item.touched_interface)}
        self.interfaces = list(touched.values())
        uses = Subscription.objects.filter(interface__in=touched).select_related("consumer", "interface")
        self.uses = list(uses.order_by("interface__key", "consumer__key"))

    def uses_of(self, interface: Interface) -> list[Subscription]:
        return [use for use in self.uses if use.interface_id == interface.pk and use.until is None]


def impact_list(of: Subject) -> tuple[Any, bool]:
    """Every interface that is touched, with its consumers, the processes it carries, and who is fed by them."""
    impacts = impacts_of(of.interfaces)
    felt = [{"interface": one.key, **impacts[one.pk]} for one in of.interfaces]
    other = [str(item.subject) for item in of.items if not item.touched_interface]
    return {"interfaces": felt, "other": other}, True


def impact_report(of: Subject) -> tuple[Any, bool]:
    """The same, and of a decision table what its publishing would change, as last computed."""
    tables = [item.decision_table for item in of.items if item.decision_table]
    said = [{"table": str(table), "impact": table.impact, "hash": table.impact_hash} for table in tables]
    content, _ = impact_list(of)
    return {**content, "tables": said}, True


def traffic(of: Subject) -> tuple[Any, bool]:
    """What is declared of each interface, and when each of its consumers was last seen."""
    return [
        {
            "interface": one.key,
            "declared_per_day": one.volume_day,
            "consumers": [
                {"key": use.consumer.key, "last_traffic_at": plain(use.last_traffic_at)} for use in of.uses_of(one)
            ],
        }
        for one in of.interfaces
    ], True


def zero_traffic(of: Subject) -> tuple[Any, bool]:
    """No consumer of any touched interface was seen in the last thirty days."""
    since = of.now - QUIET
    seen = [
        {"interface": use.interface.key, "consumer": use.consumer.key, "last_traffic_at": plain(use.last_traffic_at)}
        for use in of.uses
        if use.last_traffic_at and use.last_traffic_at > since
    ]
    return {"since": plain(since), "seen": seen}, not seen


def checks_passed(of: Subject) -> tuple[Any, bool]:
    """What a machine has checked: the comparison of each contract version, and policy's word on each interface."""
    checks = [
        {
            "check": f"{item.contract_version} compared with what is promised",
            "result": item.contract_version.level,
            "passed": item.contract_version.level not in ("MAJOR", "UNKNOWN"),
            "document": item.contract_version.document.sha256,
        }
        for item in of.items
        if item.contract_version
    ]
    touching = [item for item in of.items if item.touched_interface]
    for item, assessed in zip(touching, of.planned.assessments, strict=True):
        said = {"check": f"{item.touched_interface} held against policy", "result": assessed.deviation}
        checks.append({**said, "passed": assessed.deviation == "NONE"})
    return checks, all(check["passed"] for check in checks)


def consumer_acks(of: Subject) -> tuple[Any, bool]:
    """Who is asked to acknowledge: a consumer's vote is its acknowledgement, so that it comes with the votes."""
    asked = {use.consumer.key: use.consumer.name for use in of.uses if use.until is None}
    return [{"key": key, "name": name} for key, name in sorted(asked.items())], True


def template_match(of: Subject) -> tuple[Any, bool]:
    fields = sorted({name for item in of.items for name in item.patch})
    return {**template_used(of.change).get("template", {}), "fields": fields}, of.change.template_id is not None


def automated(of: Subject) -> tuple[Any, bool]:
    checks = automated_checks(of.items)
    return checks, all(check["passed"] for check in checks)


def discrepancy_review(of: Subject) -> tuple[Any, bool]:
    """The verdict that is proposed on what was found, and what happened."""
    said = {name: of.change.found[name] for name in ("verdict", "what_happened") if name in of.change.found}
    return said, "verdict" in said


COMPUTES: dict[str, Callable[[Subject], tuple[Any, bool]]] = {
    "automated_checks_pass": automated,
    "checks_passed": checks_passed,
    "consumer_acks": consumer_acks,
    "discrepancy_review": discrepancy_review,
    "impact_list": impact_list,
    "impact_report": impact_report,
    "template_match": template_match,
    "traffic": traffic,
    "zero_traffic_30d": zero_traffic,
}
#: Computed for every change of an interface, whether a rule demands it or not.
ALWAYS = ("impact_list", "traffic", "checks_passed")


def computed_evidence(
    change: ChangeRequest, items: Sequence[ChangeItem], planned: ChangePlan, *, now: dt.datetime
) -> dict[str, Any]:
    """By kind: the content, its SHA-256, when it was computed, and whether what is demanded holds."""
    of = Subject(change, items, planned, now)
    demanded = [key for key in planned.plan.evidence if kind_of(key).computed]
    made = {}
    for key in dict.fromkeys([*demanded, *(ALWAYS if of.interfaces else ())]):
        content, holds = COMPUTES[key](of)
        made[key] = {"content": content, "sha256": content_hash(content), "at": plain(now), "holds": holds}
    return made


def content_hash(content: Any) -> str:
    """SHA-256 of the content as canonical JSON: sorted keys, no blanks, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
