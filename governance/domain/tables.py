"""Decision tables: the board's decisions in advance, evaluated by one engine and published under a mandate."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import structlog
from django.db import IntegrityError
from django.db.models import F, Q

from ..dmn import CompiledTable, Evaluation, compile_table, content_hash, explain_cell
from ..kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, WrongState
from ..kernel.mandate import Mandate
from ..lifecycle import DECISION_TABLE
from ..models import DecisionRule, DecisionTable, Role, TableTestCase, User
from .audit import recorded
from .jobs import follow
from .people import administers, clock_user, everyone
from .rules import has_role, is_clock, register, require

log = structlog.get_logger("interlock.tables")
PATTERN_VERDICT, DECISION_RIGHTS, RESILIENCE, APPROVAL = (
    "pattern_verdict",
    "decision_rights",
    "resilience",
    "approval",
)


def only_the_clock(actor: User, subject: object) -> bool:
    return is_clock(actor)


def drafts(actor: User, subject: object) -> bool:
    """Who writes down what the board decides in advance: architects, change managers, and whoever administers."""
    return administers(actor, subject) or has_role(actor, *DRAFTERS)


def measures(actor: User, subject: object) -> bool:
    """Who drafts a version, or votes on it, may ask what it would change."""
    return drafts(actor, subject) or has_role(actor, Role.BOARD_MEMBER)


DRAFTERS = (Role.ARCHITECT, Role.DOMAIN_ARCHITECT, Role.DESIGN_AUTHORITY, Role.CHANGE_MANAGER)
register(DecisionTable, view=everyone, draft=drafts, edit=drafts, measure=measures, activate=only_the_clock)

#: A version took the place of another: what was judged under the former is judged again.
TABLE_REPLACED = "table-replaced"


@dataclass(frozen=True, slots=True)
class Decided:
    """An evaluation with the version and content hash it was made under, and each rule's reason."""

    key: str
    version: str
    content_hash: str
    evaluation: Evaluation
    notes: Mapping[str, str]
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def taken(self) -> list[str]:
        """The rule whose output was taken, where one was: under P the strongest, not the first that holds."""
        same = [rule for rule in self.rules if self.outputs.get(rule) == self.output]
        return (same or self.rules)[:1]

    @property
    def output(self) -> Any:
        return self.evaluation.output

    @property
    def rules(self) -> list[str]:
        return list(self.evaluation.rules)

    def why(self, rule: str) -> list[str]:
        """One sentence for each cell that the rule asks of the facts; empty for a rule that asks nothing."""
        traced = next((trace for trace in self.evaluation.trace if trace.id == rule), None)
        cells = [cell for cell in traced.cells if cell.cell != "-"] if traced else []
        return [explain_cell(cell.name, cell.cell, cell.value, cell.holds) for cell in cells]

    @property
    def source(self) -> dict[str, str]:
        return {"key": self.key, "version": self.version, "hash": self.content_hash}


def table_document(table: DecisionTable) -> dict[str, Any]:
    """The table as the engine and the exchange format read it, from its rows as they stand now."""
    rules = [
        {"id": rule.rule_id, "when": rule.when, "then": rule.then, "note": rule.note}
        for rule in table.rules.order_by("position")
    ]
    return {
        "key": table.key, "version": table.version, "hit": table.hit,
        "inputs": table.inputs, "outputs": table.outputs, "rules": rules,
    }  # fmt: skip


def active_table(key: str) -> DecisionTable:
    """The version in force; ``NotFound`` when the board has none for ``key``: then nobody has decided."""
    table = DecisionTable.objects.active().filter(key=key).first()
    if table is None:
        known = sorted(DecisionTable.objects.active().values_list("key", flat=True))
        raise NotFound(
            f"No version of table '{key}' is in force. In force: {', '.join(known) or 'none'}.",
            code="TABLE_NOT_FOUND",
        )
    return table


def compiled(table: DecisionTable) -> tuple[CompiledTable, str]:
    """The compiled rows and their hash. Compiling is shared by content, so an edited row is seen at once."""
    return _compiled(json.dumps(table_document(table), sort_keys=True))


@lru_cache(maxsize=64)
def _compiled(document: str) -> tuple[CompiledTable, str]:
    read = json.loads(document)
    return compile_table(read), content_hash(read)


def evaluate(key: str, facts: Mapping[str, Any]) -> Decided:
    """What the table in force says of ``facts``, with the trace of every rule and cell."""
    return evaluate_table(active_table(key), facts)


def evaluator() -> Callable[[str, Mapping[str, Any]], Decided]:
    """``evaluate`` for one who asks of many facts at once: each table is read and compiled a single time."""
    read: dict[str, tuple[DecisionTable, CompiledTable, str]] = {}

    def ask(key: str, facts: Mapping[str, Any]) -> Decided:
        if key not in read:
            table = active_table(key)
            read[key] = (table, *compiled(table))
        table, machine, hashed = read[key]
        return decided_by(table, machine, hashed, facts)

    return ask


def decided_by(table: DecisionTable, machine: CompiledTable, hashed: str, facts: Mapping[str, Any]) -> Decided:
    """The answer of a version that is compiled already."""
    outputs = {str(rule["id"]): rule["then"] for rule in machine.document["rules"]}
    return Decided(table.key, table.version, hashed, machine.evaluate(facts), machine.notes, outputs)


def evaluate_table(table: DecisionTable, facts: Mapping[str, Any]) -> Decided:
    machine, hashed = compiled(table)
    return decided_by(table, machine, hashed, facts)


def draft_table(
    document: Mapping[str, Any],
    *,
    title: str = "",
    based_on: DecisionTable | None = None,
    now: dt.datetime,
    actor: User,
) -> DecisionTable:
    """A draft version from a document and its ``cases``; refuses what does not compile, every error with its place."""
    require(actor, "draft", DecisionTable)
    compile_table(document)
    if DecisionTable.objects.filter(key=document["key"], version=document["version"]).exists():
        raise Invalid(f"{document['key']} {document['version']} exists.", errors={"version": ["take the next one"]})
    table = DecisionTable(
        key=document["key"], version=document["version"], title=title, hit=document["hit"],
        inputs=document["inputs"], outputs=document["outputs"], content_hash=content_hash(document), drafted_by=actor,
        based_on=based_on, accepted_gaps=document.get("accepted_gaps", []),
    )  # fmt: skip
    facts = {"rules": len(document["rules"])}
    with recorded("governance.table.draft", actor=actor, subject=table, now=now, facts=facts):
        table.save(force_insert=True)
        DecisionRule.objects.bulk_create(
            DecisionRule(
                table=table, position=position, rule_id=rule["id"], when=rule["when"],
                then=rule["then"], note=rule.get("note") or "",
            )
            for position, rule in enumerate(document["rules"])
        )  # fmt: skip
        TableTestCase.objects.bulk_create(
            TableTestCase(table=table, position=position, name=case["name"], facts=case["facts"], expect=case["expect"])
            for position, case in enumerate(document.get("cases", ()))
        )
    return table


def approve_table(table: DecisionTable, *, mandate: Mandate, now: dt.datetime, actor: User) -> None:
    """The board said yes; it comes into force when its change is carried out, at its date."""
    mandate.redeem(subject=table, action="approve")
    with recorded("governance.table.approve", actor=actor, subject=table, mandate=mandate, now=now):
        DECISION_TABLE.move(table, "approve")


def send_back_table(table: DecisionTable, *, reason: str, now: dt.datetime, actor: User) -> None:
    """The board said no, or the change that carried it was taken back: a draft again, to be edited.

    Raises ``WrongState`` for a version whose change was carried out: that one waits for its date.
    """
    if table.effective_from is not None:
        raise WrongState(f"{table} comes into force {table.effective_from:%Y-%m-%d %H:%MZ}: replace it by a version.")
    with recorded("governance.table.send_back", actor=actor, subject=table, now=now, reason=reason):
        DECISION_TABLE.move(table, "reject")


def publish_table(
    table: DecisionTable,
    *,
    mandate: Mandate,
    effective_from: dt.datetime,
    impact: Mapping[str, Any] | None = None,
    now: dt.datetime,
    actor: User,
) -> DecisionTable:
    """Give an approved version its date, under a mandate; it comes into force at ``effective_from``, at once when past.

    A SEED mandate serves only while the key has no version in force, approved or superseded. Raises ``Conflict``
    (TABLE_CHANGED) when the rules are not those that were approved.
    """
    if mandate.is_seed and DecisionTable.objects.filter(~Q(state="DRAFT"), key=table.key).exists():
        raise NotAllowed(f"{table.key} has a version: it changes only by an approved change.", code="MANDATE")
    if not mandate.is_seed and compiled(table)[1] != table.content_hash:
        raise Conflict(f"The rules of {table} are not those that were approved.", code="TABLE_CHANGED")
    mandate.redeem(subject=table, action="publish")
    at = max(effective_from, now)
    facts = {"impact": dict(impact or {}), "effective_from": at.isoformat(), "hash": compiled(table)[1]}
    with recorded("governance.table.publish", actor=actor, subject=table, mandate=mandate, now=now, facts=facts):
        if mandate.is_seed:
            DECISION_TABLE.move(table, "submit", content_hash=compiled(table)[1])
        if table.state == "IN_REVIEW":
            DECISION_TABLE.move(table, "approve")
        date_table(table, at)
        if at <= now:
            activate_table(table, now=now, actor=clock_user())
    return table


def date_table(table: DecisionTable, effective_from: dt.datetime) -> None:
    """Compare and swap: an approved version gets its date once."""
    undated = DecisionTable.objects.filter(pk=table.pk, state="APPROVED", effective_from=None)
    if not undated.update(effective_from=effective_from, revision=F("revision") + 1):
        raise WrongState(
            f"{table} is {table.get_state_display().lower()}: only an approved version gets its date, once."
        )
    table.effective_from, table.revision = effective_from, table.revision + 1


def activate_table(table: DecisionTable, *, now: dt.datetime, actor: User) -> None:
    """Bring an approved version into force and end its predecessor's at the same instant, in one transaction.

    A version whose date a later one has overtaken never comes into force. Raises ``WrongState`` when another version of
    the key was faster: the clock asks again.
    """
    require(actor, "activate", table)
    replaced: list[str] = []
    try:
        with recorded("governance.table.activate", actor=actor, subject=table, now=now) as entry:
            for former in DecisionTable.objects.active().filter(key=table.key):
                if overtaken(table, former):
                    entry.facts["overtaken_by"] = former.version
                    DECISION_TABLE.move(table, "supersede", effective_to=table.effective_from)
                    return
                retire_table(former, at=table.effective_from or now, now=now, actor=actor)
                replaced.append(former.version)
            DECISION_TABLE.move(table, "activate")
            for version in replaced:
                params = {"key": table.key, "version": table.version, "former": version}
                follow(TABLE_REPLACED, params=params, now=now, actor=actor)
    except IntegrityError:
        said = f"Another version of {table.key} came into force at the same moment. Reload it and look again."
        raise WrongState(said) from None


def overtaken(table: DecisionTable, by: DecisionTable) -> bool:
    return bool(table.effective_from and by.effective_from and by.effective_from > table.effective_from)


def retire_table(table: DecisionTable, *, at: dt.datetime, now: dt.datetime, actor: User) -> None:
    """The version in force gives way at the instant at which its successor's date comes."""
    ends = max(at, table.effective_from) if table.effective_from else at
    with recorded("governance.table.supersede", actor=actor, subject=table, now=now):
        DECISION_TABLE.move(table, "supersede", effective_to=ends)


def activate_due_tables(*, now: dt.datetime, actor: User) -> int:
    """The clock: every approved version whose day has come, in order of that day. One that fails holds up no other."""
    done = 0
    for table in DecisionTable.objects.due(now).order_by("effective_from"):
        try:
            activate_table(table, now=now, actor=actor)
            done += 1
        except DomainError as refusal:
            log.warning("table not activated", table=str(table), reason=refusal.message)
    return done


def seed_table(document: Mapping[str, Any], *, title: str = "", now: dt.datetime, actor: User) -> DecisionTable:
    """The board's first version of a key; returns the present one when there is one already."""
    present = DecisionTable.objects.filter(key=document["key"]).exclude(state="DRAFT").first()
    if present:
        return present
    table = draft_table(document, title=title, now=now, actor=actor)
    mandate = Mandate.seed(subject=table, action="publish", content_hash=table.content_hash)
    return publish_table(table, mandate=mandate, effective_from=now, now=now, actor=actor)
