"""What is in force is judged again when its facts or the tables change: a finding says so, nothing flips silently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from governance.domain.jobs import Progress, queue_job
from governance.domain.measures import Versions
from governance.domain.rules import require
from governance.domain.tables import DECISION_RIGHTS, PATTERN_VERDICT, RESILIENCE
from governance.kernel.errors import NotFound
from governance.models import DecisionTable, Job, User

from ..models import DecisionRecord, Finding, Interface, Origin, ReadinessFact, Severity, System
from ..patterns import PATTERN_LABELS, Pattern, Verdict
from .decisions import Assessment, assess
from .facts import facts_hash, facts_of
from .findings import LIVE, fingerprint_of, raise_finding, settle_finding

REEVALUATION = "reevaluate-interfaces"
TABLES = frozenset({PATTERN_VERDICT, DECISION_RIGHTS, RESILIENCE})
ENDED = ("RETIRED", "WITHDRAWN", "REJECTED")
IN_FORCE = ("IN_BUILD", "IN_TEST", "ACTIVE", "SUSPENDED", "DEPRECATED")
#: What this module finds, and settles once it finds it no more.
PROHIBITED, REQUIRED, DISCOURAGED = "PATTERN_PROHIBITED", "PATTERN_REQUIRED", "PATTERN_DISCOURAGED"
OUTDATED, OWES_OTHERWISE = "DECISION_OUTDATED", "OBLIGATIONS_CHANGED"
CODES = (PROHIBITED, REQUIRED, DISCOURAGED, OUTDATED, OWES_OTHERWISE)


@dataclass(frozen=True)
class Contradiction:
    """What is to be raised; ``parts`` name it, so that it is found again as the same."""

    code: str
    severity: str
    message: str
    source: str
    parts: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.code, *self.parts)

    def said_by(self, finding: Finding) -> bool:
        """The live finding says exactly this already."""
        mine = (self.severity, self.message[:400], self.source[:120], self.details)
        return mine == (finding.severity, finding.message, finding.source, finding.details)


def judged(rows: Any = None) -> QuerySet[Interface]:
    """What is judged: all that is in force, and what exists outside already. A proposal shows its verdict live."""
    asked = Q(state__in=IN_FORCE) | (Q(origin=Origin.IMPORTED) & ~Q(state__in=ENDED))
    return (
        (Interface.objects.all() if rows is None else rows)
        .filter(asked)
        .with_parties()
        .prefetch_related(
            Prefetch("decisions", DecisionRecord.objects.order_by("-decided_at"), "all_decisions"),
            Prefetch("findings", Finding.objects.filter(state__in=LIVE, code__in=CODES), "live_findings"),
            Prefetch(
                "readiness",
                ReadinessFact.objects.filter(requirement="resilience_conforms", satisfied=True),
                "attested_resilience",
            ),
        )
    )


class Judge:
    """Holds interfaces against the tables in force; each table is read once."""

    def __init__(self) -> None:
        self.versions = Versions()
        self.ask = self.versions.ask_now()
        self.resilience = list(DecisionTable.objects.filter(key=RESILIENCE, effective_from__isnull=False))

    def contradictions(self, interface: Any) -> list[Contradiction]:
        """Everything that policy has against the interface as it is. Raises ``NotFound`` without tables in force."""
        assessed = assess(facts_of(interface), chosen=interface.patterns, ask=self.ask)
        decided = covering(interface, assessed)
        newest = next(iter(interface.all_decisions), None)
        found = list(pattern_contradictions(assessed, decided or newest))
        if newest and decided is None:
            found.append(outdated(assessed, newest))
        return found + list(self.owed_otherwise(interface, assessed))

    def owed_otherwise(self, interface: Any, assessed: Assessment) -> Iterator[Contradiction]:
        """Resilience was attested under another version, and the present one asks for something else."""
        for fact in interface.attested_resilience:
            then = version_at(self.resilience, fact.updated_at)
            now = assessed.tables[RESILIENCE]["version"]
            if then is None or then.version == now:
                continue
            ask = self.versions.ask_then({RESILIENCE: {"version": then.version}})
            owed = assess(assessed.facts, chosen=[], ask=ask).obligations
            told = changes_told(owed, assessed.obligations)
            if told:
                yield Contradiction(
                    OWES_OTHERWISE, Severity.WARNING,
                    f"Its resilience was attested under {RESILIENCE} {then.version}; {now} asks otherwise: {told}.",
                    f"{RESILIENCE} {now}", details={"attested_under": then.version, "rules": assessed.obliged.rules},
                )  # fmt: skip


def covering(interface: Any, assessed: Assessment) -> DecisionRecord | None:
    """The decision that was made on exactly these facts and patterns, also while a newer one is on its way."""
    hashed, chosen = facts_hash(assessed.facts), sorted(assessed.chosen)
    return next(
        (one for one in interface.all_decisions if (one.facts_hash, sorted(one.chosen)) == (hashed, chosen)), None
    )


def pattern_contradictions(assessed: Assessment, decided: DecisionRecord | None) -> Iterator[Contradiction]:
    """Chosen against policy, or required and not chosen. What the decision has weighed already is no news.

    A prohibited pattern is one as long as it is chosen: only a waiver covers it.
    """
    table = assessed.tables[PATTERN_VERDICT]
    for name, said in assessed.verdicts.items():
        chosen = name in assessed.chosen
        code, severity = {
            (Verdict.PROHIBITED, True): (PROHIBITED, Severity.ERROR),
            (Verdict.REQUIRED, False): (REQUIRED, Severity.ERROR),
            (Verdict.DISCOURAGED, True): (DISCOURAGED, Severity.WARNING),
        }.get((said.verdict, chosen), ("", Severity.NOTE))
        if not code or not assessed.chosen or (code != PROHIBITED and weighed(name, said.verdict, decided)):
            continue
        label, rules = PATTERN_LABELS[Pattern(name)], list(said.rules)
        missing = " and is not among the chosen" if code == REQUIRED else ""
        why = next((f": {reason}" for reason in said.reasons if reason), ".")
        yield Contradiction(
            code, severity, f"{label} is {said.verdict.lower()}{missing} ({', '.join(rules)}){why}",
            f"{PATTERN_VERDICT} {table['version']}", (name,), {"pattern": name, "rules": rules},
        )  # fmt: skip


def weighed(pattern: str, verdict: Verdict, decided: DecisionRecord | None) -> bool:
    """The decision was made knowing this verdict on this pattern."""
    return decided is not None and decided.verdicts.get(pattern, {}).get("verdict") == verdict


def outdated(assessed: Assessment, newest: DecisionRecord) -> Contradiction:
    told = changes_told(newest.facts, assessed.facts)
    if sorted(newest.chosen) != sorted(assessed.chosen):
        patterns = changes_told({"patterns": sorted(newest.chosen)}, {"patterns": sorted(assessed.chosen)})
        told = f"{told}; {patterns}" if told else patterns
    return Contradiction(
        OUTDATED, Severity.WARNING, f"Its pattern was decided on other facts: {told}.",
        f"Decision of {newest.decided_at:%Y-%m-%d}", details={"decision": str(newest.pk)},
    )  # fmt: skip


def changes_told(before: dict[str, Any], after: dict[str, Any]) -> str:
    """ "latency s was 3600 and is 5": every value that differs."""
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return "; ".join(
        f"{name.replace('_', ' ')} was {told(before.get(name))} and is {told(after.get(name))}" for name in names
    )


def told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return {None: "not stated", "True": "yes", "False": "no"}.get(None if value is None else str(value), str(value))


def version_at(versions: Iterable[DecisionTable], moment: dt.datetime) -> DecisionTable | None:
    """The version that was in force at ``moment``."""
    then = [
        one
        for one in versions
        if one.effective_from and one.effective_from <= moment and (not one.effective_to or moment < one.effective_to)
        and one.state in ("ACTIVE", "SUPERSEDED")
    ]  # fmt: skip
    return max(then, key=lambda one: (one.effective_from, one.created_at), default=None)


def reevaluate_interface(interface: Interface, *, now: dt.datetime, actor: User) -> list[Finding]:
    """Hold one interface against policy, inside the caller's own transaction; what is not judged yet has nothing."""
    found = judged(Interface.objects.filter(pk=interface.pk)).first()
    return judge_again(Judge(), found, now=now, actor=actor) if found else []


def ask_reevaluation(interface: Interface, *, now: dt.datetime, actor: User) -> list[Finding]:
    """The same, because somebody wants to see it now."""
    require(actor, "reevaluate", interface)
    return reevaluate_interface(interface, now=now, actor=actor)


def judge_again(judge: Judge, interface: Any, *, now: dt.datetime, actor: User) -> list[Finding]:
    """Raise what is found, settle what is found no more; a second time changes nothing."""
    try:
        contradictions = judge.contradictions(interface)
    except NotFound:
        return []  # nobody has decided anything yet: there is no policy to contradict
    live = {finding.fingerprint: finding for finding in interface.live_findings}
    standing = []
    for one in contradictions:
        present = live.pop(one.fingerprint, None)
        if present is None or not one.said_by(present):
            present = raise_finding(
                interface, code=one.code, severity=one.severity, message=one.message, source=one.source,
                fingerprint=one.fingerprint, details=one.details, now=now, actor=actor,
            )  # fmt: skip
        standing.append(present)
    for gone in live.values():
        gone.interface = interface
        settle_finding(gone, reason="Policy has nothing against it any more.", now=now, actor=actor)
    return standing


def reevaluate(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of one job: all that is judged, or what a system sends and receives."""
    rows = Interface.objects.order_by("key")
    if system := job.params.get("system"):
        rows = rows.filter(Q(source=system) | Q(target=system))
    elif job.params.get("key", "") not in (*TABLES, ""):
        rows = rows.none()  # another table says nothing of interfaces
    asked, judge = judged(rows), Judge()
    total, standing = asked.count(), 0
    for position, interface in enumerate(asked.iterator(chunk_size=500), start=1):
        standing += len(judge_again(judge, interface, now=progress.now, actor=job.requested_by))
        progress(min(position, total), total)
    return {"counts": {"asked": total, "findings": standing}}


def follow_system(system: System, *, now: dt.datetime, actor: User) -> Job:
    """A system's facts are those of its interfaces too: they are judged again, in the background."""
    params = {"system": str(system.pk), "revision": system.revision}
    return queue_job(REEVALUATION, title=f"Judge the interfaces of {system}", params=params, now=now, actor=actor)
