"""What must be true before an interface moves on, and the moves that ask for it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Invalid
from governance.kernel.findings import Finding, refuse_unless_clear
from governance.models import User

from ..lifecycle import BINDING, BINDINGS_FOLLOW, DRILLED_TIERS, INTERFACE, OWNER_STATED_FACTS, REQUIRED_FACTS
from ..models import Environment, Interface, ReadinessFact
from .owners import missing_owners
from .reevaluating import reevaluate_interface


def state_fact(
    interface: Interface,
    *,
    requirement: str,
    satisfied: bool,
    reason: str,
    source: str,
    valid_until: dt.datetime | None = None,
    now: dt.datetime,
    actor: User,
) -> ReadinessFact:
    """Write what the caller knows, inside the caller's own transaction; the newest statement stands."""  # fmt: skip
    fact = ReadinessFact.objects.filter(interface=interface, requirement=requirement).first() or ReadinessFact(
        interface=interface, requirement=requirement
    )
    fact.satisfied, fact.reason, fact.source, fact.valid_until = satisfied, reason[:300], source[:120], valid_until
    fact.updated_at = now  # stated again in the same words, it is stated anew
    with recorded("catalog.interface.state_fact", actor=actor, subject=fact, now=now, reason=reason):
        fact.save()
    return fact


def attest_fact(
    interface: Interface,
    *,
    requirement: str,
    evidence: str,
    valid_until: dt.datetime | None = None,
    now: dt.datetime,
    actor: User,
) -> ReadinessFact:
    """An owner states, with evidence, what no part of the system can compute (a runbook, a drill plan)."""  # fmt: skip
    require(actor, "state_fact", interface)
    if requirement not in OWNER_STATED_FACTS:
        raise Invalid(
            f"'{requirement}' is computed, not stated.",
            errors={"requirement": [f"One of {', '.join(OWNER_STATED_FACTS)}."]},
        )
    if not evidence.strip():
        raise Invalid("Say where the evidence is.", errors={"evidence": ["A link or document reference."]})
    with transaction.atomic():
        fact = state_fact(
            interface, requirement=requirement, satisfied=True, reason=evidence, source=str(actor),
            valid_until=valid_until, now=now, actor=actor,
        )  # fmt: skip
        reevaluate_interface(interface, now=now, actor=actor)
    return fact


def readiness_findings(interface: Interface, verb: str, *, now: dt.datetime) -> list[Finding]:
    """Everything that still stands between the interface and the move, one finding each."""
    facts = {fact.requirement: fact for fact in interface.readiness.all()}
    findings = []
    for requirement in asked_of(interface, verb):
        fact = facts.get(requirement)
        name = requirement.replace("_", " ")
        if fact is None:
            findings.append(Finding("FACT_MISSING", f"{name}: nobody has stated it.", where=requirement))
        elif not fact.satisfied:
            findings.append(Finding("FACT_NOT_SATISFIED", f"{name}: {fact.reason}", where=requirement))
        elif fact.valid_until and fact.valid_until <= now:
            ended = f"{fact.valid_until:%Y-%m-%d}"
            findings.append(Finding("FACT_EXPIRED", f"{name}: valid until {ended} only.", where=requirement))
    if verb == "activate":
        findings += activation_findings(interface)
    return findings


def asked_of(interface: Interface, verb: str) -> list[str]:
    asked = list(REQUIRED_FACTS.get(verb, ()))
    if verb == "activate" and interface.tier in DRILLED_TIERS:
        asked.append("drill_planned")
    if verb == "activate" and interface.phi and interface.external:
        asked.append("baa")
    return asked


def activation_findings(interface: Interface) -> list[Finding]:
    findings = [
        Finding("OWNER_MISSING", f"{kind.replace('_', ' ').lower()}: nobody active answers.", where="owners")
        for kind in missing_owners(interface)
    ]
    if not interface.bindings.filter(environment=Environment.PROD, endpoints__planned=False).exists():
        findings.append(Finding("NO_PROD_ENDPOINT", "No endpoint is bound in production.", where="endpoints"))
    return findings


def start_test(interface: Interface, *, now: dt.datetime, actor: User) -> Interface:
    """IN_BUILD to IN_TEST: needs an approved contract."""
    return move_when_ready(interface, "start_test", now=now, actor=actor)


def activate_interface(interface: Interface, *, now: dt.datetime, actor: User) -> Interface:
    """IN_TEST to ACTIVE: needs everything that makes it safe; refuses with one finding for each thing missing."""
    return move_when_ready(interface, "activate", now=now, actor=actor)


def move_when_ready(interface: Interface, verb: str, *, now: dt.datetime, actor: User) -> Interface:
    require(actor, verb, interface)
    INTERFACE.check(interface, verb)
    said = f"{interface.key} may not {verb.replace('_', ' ')} yet."
    refuse_unless_clear(readiness_findings(interface, verb, now=now), message=said)
    with recorded(f"catalog.interface.{verb}", actor=actor, subject=interface, now=now):
        INTERFACE.move(interface, verb)
        move_bindings(interface, verb, now=now, actor=actor)
    return interface


def move_bindings(interface: Interface, verb: str, *, now: dt.datetime, actor: User) -> None:
    """With the interface, the places it runs in move on: tests are connected, production with endpoints goes live."""
    move, environments = BINDINGS_FOLLOW[verb]
    for binding in interface.bindings.filter(environment__in=environments, endpoints__planned=False).distinct():
        if binding.state in BINDING.moves[move].sources:
            with recorded(f"catalog.binding.{move}", actor=actor, subject=binding, now=now):
                BINDING.move(binding, move, since=now)


def suspend_interface(interface: Interface, *, reason: str, now: dt.datetime, actor: User) -> Interface:
    require(actor, "suspend", interface)
    with recorded("catalog.interface.suspend", actor=actor, subject=interface, now=now, reason=reason):
        INTERFACE.move(interface, "suspend")
    return interface


def resume_interface(interface: Interface, *, now: dt.datetime, actor: User) -> Interface:
    require(actor, "resume", interface)
    with recorded("catalog.interface.resume", actor=actor, subject=interface, now=now):
        INTERFACE.move(interface, "resume")
    return interface
