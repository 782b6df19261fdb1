"""What an import found running: discovered in bulk, then adopted by one change, with a row each and few queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F

from governance.domain.audit import recorded_each
from governance.domain.rules import granted, is_clock, require
from governance.domain.tables import evaluator
from governance.kernel.errors import Invalid, NotAllowed, NotReady, WrongState
from governance.kernel.mandate import Mandate
from governance.models import Team, User

from ..lifecycle import INTERFACE
from ..models import DecisionRecord, Domain, Interface, Origin, OwnerAssignment, ReadinessFact
from .decisions import Assessment, assess, check_decidable, verdicts_as_json
from .facts import facts_hash, facts_of, with_proposed
from .interfaces import check_interface
from .owners import REQUIRED_KINDS, people_of
from .rules import PROPOSE


def discover_interface(*, now: dt.datetime, actor: User, **values: Any) -> Interface:
    """An import found it running: DISCOVERED, and nobody answers for it until it is adopted. Raises ``Invalid``."""
    return discover_interfaces([values], now=now, actor=actor)[0]


def discover_interfaces(rows: Sequence[Mapping[str, Any]], *, now: dt.datetime, actor: User) -> list[Interface]:
    """All of them or none. Raises ``Invalid`` with the first unsound row's errors, ``NotAllowed`` elsewhere."""
    made = [Interface(proposed_by=actor, origin=Origin.IMPORTED, state="DISCOVERED", **values) for values in rows]
    for system in {one.provider_id: one.provider for one in made if one.provider_id}.values():
        require(actor, "propose_interface", system)
    for one in made:
        if one.provider_id is None:
            raise Invalid("An interface has a provider.", errors={"provider": ["Say which system owns it."]})
        check_interface(one)
    with recorded_each("catalog.interface.discover", actor=actor, subjects=made, now=now):
        Interface.objects.bulk_create(made)
    return made


def check_may_adopt(interfaces: Sequence[Interface], actor: User) -> None:
    """An architect of every provider's domain. Raises ``NotAllowed`` naming the domains that are another's."""
    if is_clock(actor):
        return
    own = set(granted(actor, PROPOSE, Domain).values_list("pk", flat=True))
    others = sorted({one.provider.domain.name for one in interfaces if one.provider.domain_id not in own})
    if others:
        raise NotAllowed(f"You are no architect of {', '.join(others)}: leave their interfaces to their architects.")


def take_over(interfaces: Sequence[Interface], *, team: Team, now: dt.datetime, actor: User) -> list[OwnerAssignment]:
    """``team`` answers for what nobody answers for yet, in each kind that an interface in force needs."""
    check_may_adopt(interfaces, actor)
    held = set(OwnerAssignment.objects.current().filter(interface__in=interfaces).values_list("interface", "kind"))
    made = [
        OwnerAssignment(interface=one, kind=kind, team=team, since=now)
        for one in interfaces
        for kind in REQUIRED_KINDS
        if (one.pk, str(kind)) not in held
    ]
    with recorded_each("catalog.interface.assign_owner", actor=actor, subjects=made, now=now):
        OwnerAssignment.objects.bulk_create(made)
    return made


def unready(interfaces: Sequence[Interface]) -> dict[str, list[str]]:
    """What keeps which from being submitted: by interface key, in words. Three queries, however many there are."""
    current = OwnerAssignment.objects.current().filter(interface__in=interfaces, kind__in=REQUIRED_KINDS)
    owners = list(current.select_related("team", "person"))
    alive = {team.pk: people_of(team).exists() for team in {one.team for one in owners if one.team}}
    answered = {
        (one.interface_id, one.kind)
        for one in owners
        if (one.person and one.person.is_active and one.person.is_person) or alive.get(one.team_id)
    }
    found: dict[str, list[str]] = {}
    for one in interfaces:
        missing = [
            str(kind).replace("_", " ").lower() for kind in REQUIRED_KINDS if (one.pk, str(kind)) not in answered
        ]
        missing += [] if one.patterns else ["pattern"]
        missing += [] if one.data_classes else ["data classes"]
        if missing:
            found[one.key] = [f"It has no {', no '.join(missing)}."]
    return found


def submit_discovered(interfaces: Sequence[Interface], *, now: dt.datetime, actor: User) -> None:
    """From DISCOVERED to IN_REVIEW, all or none. Raises ``NotReady`` with what each one lacks."""
    check_may_adopt(interfaces, actor)
    lacking = unready(interfaces)
    if lacking:
        few = ", ".join(sorted(lacking)[:3]) + (" and others" if len(lacking) > 3 else "")
        said = f"{len(lacking)} of {len(interfaces)} are not ready to be adopted: {few}."
        raise NotReady(said, errors=dict(sorted(lacking.items())[:100]))
    with recorded_each("catalog.interface.adopt", actor=actor, subjects=interfaces, now=now):
        move_all(interfaces, "adopt")
    with recorded_each("catalog.interface.submit", actor=actor, subjects=interfaces, now=now):
        move_all(interfaces, "submit")


def move_all(interfaces: Sequence[Interface], verb: str, **values: Any) -> None:
    """One statement for all of them. Raises ``WrongState`` when one is elsewhere; the caller's block is undone then."""
    move = INTERFACE.moves[verb]
    for one in interfaces:
        INTERFACE.check(one, verb)
    ids = [one.pk for one in interfaces]
    here = Interface.objects.filter(pk__in=ids, state__in=move.sources)
    if here.update(state=move.target, revision=F("revision") + 1, **values) != len(ids):
        raise WrongState(f"Some of these interfaces moved since you saw them; '{verb}' is not possible for all.")
    for one in interfaces:
        one.state, one.revision = move.target, one.revision + 1


def assess_all(pairs: Iterable[tuple[Interface, Mapping[str, Any]]]) -> list[tuple[Interface, Assessment]]:
    """Each as it would be after its patch; the tables are read once."""
    ask, found = evaluator(), []
    for interface, patch in pairs:
        seen = with_parties(interface, with_proposed(interface, patch) if patch else interface)
        found.append((interface, assess(facts_of(seen), chosen=seen.patterns, ask=ask)))
    return found


def with_parties(known: Interface, copy: Interface) -> Interface:
    """A copy's ends are the known records wherever they are the same: nothing is read again."""
    for name in ("provider", "source", "target"):
        if copy is not known and str(getattr(copy, f"{name}_id")) == str(getattr(known, f"{name}_id")):
            setattr(copy, name, getattr(known, name))
    return copy


def standing_decisions(interfaces: Sequence[Interface]) -> dict[Any, DecisionRecord]:
    """By interface, the decision that stands; one query."""
    rows = DecisionRecord.objects.filter(interface__in=interfaces, superseded_by__isnull=True).order_by("decided_at")
    return {row.interface_id: row for row in rows}


def covers(decided: DecisionRecord | None, assessed: Assessment) -> bool:
    """Was the decision made on exactly these facts and patterns?"""
    return (
        decided is not None
        and decided.facts_hash == facts_hash(assessed.facts)
        and sorted(decided.chosen) == sorted(assessed.chosen)
    )


def write_decisions(
    assessed: Sequence[tuple[Interface, Assessment]], *, rationale: str, now: dt.datetime, actor: User
) -> list[DecisionRecord]:
    """One act, one rationale, and a record of each interface's own facts and verdict. The caller knows who may."""
    standing = standing_decisions([interface for interface, _ in assessed])
    for _, one in assessed:
        check_decidable(one, rationale)
    made = [
        DecisionRecord(
            interface=interface, facts=one.facts, facts_hash=facts_hash(one.facts), tables=one.tables,
            verdicts=verdicts_as_json(one.verdicts), chosen=one.chosen, deviation=one.deviation, decider=one.decider,
            forum=one.forum, decided_by=actor, decided_at=now, rationale=rationale.strip(),
            supersedes=standing.get(interface.pk),
        )
        for interface, one in assessed
    ]  # fmt: skip
    with recorded_each("catalog.interface.decide_pattern", actor=actor, subjects=made, now=now, reason=rationale):
        DecisionRecord.objects.bulk_create(made)
    return made


def approve_discovered(
    pairs: Sequence[tuple[Interface, Mapping[str, Any], Mandate]], *, now: dt.datetime, actor: User
) -> None:
    """The board agreed on all of them. Raises ``WrongState`` (DECISION_STALE) when a decision no longer covers one."""
    assessed = assess_all((interface, patch) for interface, patch, _ in pairs)
    standing = standing_decisions([interface for interface, _ in assessed])
    stale = [one.key for one, said in assessed if not covers(standing.get(one.pk), said)]
    if stale:
        said = f"No decision covers {', '.join(stale[:5])} as now proposed. Let the decider look again."
        raise WrongState(said, code="DECISION_STALE")
    for interface, _, mandate in pairs:
        mandate.redeem(subject=interface, action="approve")
    every = [interface for interface, _, _ in pairs]
    change = pairs[0][2].change if pairs else ""
    with recorded_each("catalog.interface.approve", actor=actor, subjects=every, change=change, now=now):
        move_all(every, "approve")


def bring_all_into_force(
    pairs: Sequence[tuple[Interface, Mandate]], *, source: str, reason: str, now: dt.datetime, actor: User
) -> None:
    """What was adopted as it runs is in force, and its change is stated as implemented; no value changes."""
    for interface, mandate in pairs:
        mandate.redeem(subject=interface, action="apply")
    every = [interface for interface, _ in pairs]
    with recorded_each("catalog.interface.apply", actor=actor, subjects=every, change=source, now=now):
        move_all(every, "bring_into_force")
    facts = [
        ReadinessFact(
            interface=one, requirement="change_implemented", satisfied=True, reason=reason[:300], source=source[:120]
        )
        for one in every
    ]
    with recorded_each("catalog.interface.state_fact", actor=actor, subjects=facts, change=source, now=now):
        ReadinessFact.objects.bulk_create(facts)
