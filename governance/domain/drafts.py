"""Drafting a decision table: a version of its own, edited rule by rule, that always compiles and binds nobody yet."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F

from ..dmn import compile_table, content_hash
from ..dmn import editing as edit
from ..dmn.comparing import Comparison, compare_tables, comparison_document
from ..dmn.hits import identity
from ..dmn.values import shortened
from ..kernel.errors import Conflict, Invalid, StaleRevision, WrongState
from ..models import DecisionRule, DecisionTable, User
from .audit import recorded
from .rules import require
from .table_cases import cases_of, check_cases, store_cases
from .table_gaps import check_gaps
from .tables import draft_table, table_document

KEY = re.compile(r"[A-Za-z0-9_-]{1,60}", re.ASCII)
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}", re.ASCII)
TAKEN = ("new", "import", "drafts")
MAX_TITLE, MAX_RULE_ID, MAX_NOTE = 120, 40, 300
LONGER = 100


def full_document(table: DecisionTable) -> dict[str, Any]:
    """The version with all that is edited of it: its title, its test cases and its accepted gaps too."""
    return table_document(table) | {
        "title": table.title, "cases": cases_of(table), "accepted_gaps": list(table.accepted_gaps),
    }  # fmt: skip


def start_draft(
    key: str,
    *,
    based_on: DecisionTable | None = None,
    version: str = "",
    document: Mapping[str, Any] | None = None,
    title: str = "",
    now: dt.datetime,
    actor: User,
) -> DecisionTable:
    """A draft of ``key``: a copy of ``based_on``, or what ``document`` says; its version follows the last one.

    Raises ``Invalid`` (TABLE_INVALID) with every error by its place, ``Conflict`` (DRAFT_OPEN) when the same version
    is there already.
    """
    require(actor, "draft", DecisionTable)
    if document is None:
        document = full_document(based_on) if based_on else new_document(key)
    given = str(document.get("version") or "") if based_on is None else ""
    wanted = {**document, "key": key, "version": version or given or next_version(key)}
    check_document(wanted)
    if DecisionTable.objects.filter(key=key, version=wanted["version"]).exists():
        said = f"{key} {wanted['version']} exists: choose another version."
        raise Conflict(said, code="DRAFT_OPEN", errors={"version": [said]}, details={"version": wanted["version"]})
    named = title or str(wanted.get("title") or "") or title_of(key)
    return draft_table(wanted, title=named, based_on=based_on, now=now, actor=actor)


def new_document(key: str) -> dict[str, Any]:
    """The least that a table says: one output, and no rule yet."""
    return {"key": key, "hit": "U", "inputs": [], "outputs": [{"name": "decision", "type": "string"}], "rules": []}


def next_version(key: str) -> str:
    """The last version with its last number one up: 1.1 after 1.0; 1.0 for a new key."""
    known = set(DecisionTable.objects.filter(key=key).values_list("version", flat=True))
    last = DecisionTable.objects.filter(key=key).order_by("-created_at").values_list("version", flat=True).first()
    if last is None:
        return "1.0"
    head, number = re.fullmatch(r"(.*?)(\d*)", last).groups()  # type: ignore[union-attr]
    for step in range(1, len(known) + 2):
        found = f"{head}{int(number) + step}" if number else f"{last}.{step}"
        if found not in known:
            return found
    raise Conflict(f"No version follows {key} {last}: name one.")


def title_of(key: str) -> str:
    return DecisionTable.objects.filter(key=key).exclude(title="").values_list("title", flat=True).first() or ""


def check_document(document: Mapping[str, Any]) -> None:
    """Raises ``Invalid`` TABLE_INVALID with every error by its place: what does not compile or cannot be stored."""
    errors: dict[str, list[str]] = {}
    try:
        compile_table(document)
    except Invalid as refused:
        errors |= refused.errors
    key, version = str(document.get("key", "")), str(document.get("version", ""))
    if not KEY.fullmatch(key) or key in TAKEN:
        errors["key"] = [
            "A key is letters, digits, - and _, at most 60, and no address of its own (new, import, drafts)."
        ]
    if not VERSION.fullmatch(version):
        errors["version"] = ["A version is letters, digits, dots, - and _, at most 20 characters, such as 1.1."]
    if len(str(document.get("title") or "")) > MAX_TITLE:
        errors["title"] = [f"A title has at most {MAX_TITLE} characters."]
    rules = document.get("rules")
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, Mapping):
            check_rule(rule, errors)
    check_cases(document.get("cases", []), errors)
    check_gaps(document.get("accepted_gaps", []), errors)
    if "\x00" in identity_of(document):
        errors[""] = ["A text holds a NUL character."]
    if errors:
        place, sentences = next(iter(errors.items()))
        count = sum(map(len, errors.values()))
        said = f"The decision table is not valid: {count} error{'s' if count > 1 else ''}; first, at {place}: "
        raise Invalid(said + sentences[0], code="TABLE_INVALID", errors=errors)


def check_rule(rule: Mapping[str, Any], errors: dict[str, list[str]]) -> None:
    """What the columns that store a rule can hold is less than what the engine can read."""
    place = f"rules/{shortened(str(rule.get('id')))}"
    if len(str(rule.get("id", ""))) > MAX_RULE_ID or "/" in str(rule.get("id", "")):
        errors.setdefault(f"{place}/id", []).append(f"A rule's id has at most {MAX_RULE_ID} characters and no slash.")
    if len(str(rule.get("note") or "")) > MAX_NOTE:
        errors.setdefault(f"{place}/note", []).append(f"A reason has at most {MAX_NOTE} characters.")


def identity_of(document: Mapping[str, Any]) -> str:
    try:
        return identity(document).replace("\\u0000", "\x00")
    except (TypeError, ValueError, RecursionError):
        return ""


def rewrite_draft(
    table: DecisionTable, document: Mapping[str, Any], *, now: dt.datetime, actor: User, seen: int | None = None
) -> DecisionTable:
    """Give a draft other content, whole or not at all; the audit keeps what differs, cell by cell.

    Raises ``WrongState`` for what is no draft, ``Invalid`` (TABLE_INVALID) by place, and ``StaleRevision`` when
    somebody else has edited it since the revision ``seen`` (that of ``table`` when left out).
    """
    require(actor, "edit", table)
    if table.state != "DRAFT":
        raise WrongState(
            f"{table} is {table.get_state_display().lower()}: only a draft is edited. Start one from it, or take its "
            "change back.",
            details={"state": table.state},
        )
    if seen is not None and seen != table.revision:
        raise StaleRevision(f"{table} was edited since you saw it. Reload it and look again.")
    before = full_document(table)
    wanted = {**before, **document, "key": table.key, "version": table.version}
    check_document(wanted)
    differs = compare_tables(before, wanted)
    said = edited_words(before, wanted, differs)
    if not said:
        return table
    with recorded("governance.table.edit", actor=actor, subject=table, now=now, facts=said):
        store_content(table, before, wanted)
    return table


def edited_words(before: Mapping[str, Any], after: Mapping[str, Any], differs: Comparison) -> dict[str, Any]:
    """What the audit keeps of an edit; nothing when nothing differs. Long lists of rules are cut and counted."""
    said: dict[str, Any] = {}
    if not differs.same:
        told = comparison_document(differs)
        said = {"columns": told["head"], "rules": told["rules"][:LONGER], "rules_differing": len(told["rules"])}
    for name in ("cases", "accepted_gaps", "title"):
        if identity(before.get(name)) != identity(after.get(name)):
            said[name] = {"before": before.get(name), "after": after.get(name)}
    return said


def store_content(table: DecisionTable, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Compare and swap on the revision, then the rows; part of a command's own transaction."""
    values = {
        "title": wanted.get("title") or "", "hit": wanted["hit"], "inputs": wanted["inputs"],
        "outputs": wanted["outputs"], "accepted_gaps": wanted.get("accepted_gaps", []),
        "content_hash": content_hash(wanted),
    }  # fmt: skip
    mine = DecisionTable.objects.filter(pk=table.pk, state="DRAFT", revision=table.revision)
    if not mine.update(**values, revision=F("revision") + 1):
        raise StaleRevision(f"{table} was edited or submitted since you saw it. Reload it and look again.")
    table.revision += 1
    for name, value in values.items():
        setattr(table, name, value)
    store_rules(table, before["rules"], wanted["rules"])
    if identity(before.get("cases")) != identity(wanted.get("cases")):
        store_cases(table, wanted.get("cases", []))


def store_rules(table: DecisionTable, before: Sequence[Mapping[str, Any]], rules: Sequence[Mapping[str, Any]]) -> None:
    """One cell is one row written; where rules came, went or moved, all rows are."""
    if [rule["id"] for rule in before] != [rule["id"] for rule in rules]:
        DecisionRule.objects.filter(table=table).delete()
        DecisionRule.objects.bulk_create(rule_row(table, at, rule) for at, rule in enumerate(rules))
        return
    for was, rule in zip(before, rules, strict=True):
        if identity(was) != identity(rule):
            values = {"when": rule["when"], "then": rule["then"], "note": rule.get("note") or ""}
            DecisionRule.objects.filter(table=table, rule_id=rule["id"]).update(**values)


def rule_row(table: DecisionTable, at: int, rule: Mapping[str, Any]) -> DecisionRule:
    return DecisionRule(
        table=table, position=at, rule_id=rule["id"], when=rule["when"], then=rule["then"], note=rule.get("note") or ""
    )


def add_rule(
    table: DecisionTable,
    *,
    rule: Mapping[str, Any] | None = None,
    after: str | None = None,
    seen: int | None = None,
    now: dt.datetime,
    actor: User,
) -> DecisionTable:
    """A rule behind ``after``, or at the end; without an id it takes the next one."""
    document = edit.with_rule_added(full_document(table), rule or {}, after=after)
    return rewrite_draft(table, document, seen=seen, now=now, actor=actor)


def edit_rule(
    table: DecisionTable,
    rule: str,
    *,
    seen: int | None = None,
    now: dt.datetime,
    actor: User,
    **values: Any,
) -> DecisionTable:
    """Other cells of one rule (``when``, ``then``: those named), or another ``note`` or ``id``."""
    document = edit.with_rule_edited(full_document(table), rule, values)
    return rewrite_draft(table, document, seen=seen, now=now, actor=actor)


def remove_rule(
    table: DecisionTable, rule: str, *, seen: int | None = None, now: dt.datetime, actor: User
) -> DecisionTable:
    return rewrite_draft(table, edit.without_rule(full_document(table), rule), seen=seen, now=now, actor=actor)


def move_rule(
    table: DecisionTable, rule: str, *, to: int, seen: int | None = None, now: dt.datetime, actor: User
) -> DecisionTable:
    """The rule at place ``to``, counted from 1: what the first rule that holds says, depends on it."""
    document = edit.with_rule_moved(full_document(table), rule, to=to)
    return rewrite_draft(table, document, seen=seen, now=now, actor=actor)


def edit_columns(
    table: DecisionTable,
    *,
    hit: str | None = None,
    inputs: Sequence[Mapping[str, Any]] | None = None,
    outputs: Sequence[Mapping[str, Any]] | None = None,
    title: str | None = None,
    seen: int | None = None,
    now: dt.datetime,
    actor: User,
) -> DecisionTable:
    """Another hit policy, title, inputs or outputs; a column's ``was`` is its former name, and its cells follow."""
    before = full_document(table)
    refuse_odd_columns({"inputs": inputs, "outputs": outputs})
    document = edit.with_columns(before, hit=hit, inputs=inputs, outputs=outputs)
    if title is not None:
        document["title"] = title.strip()
    return rewrite_draft(table, document, seen=seen, now=now, actor=actor)


def refuse_odd_columns(sides: Mapping[str, Sequence[Mapping[str, Any]] | None]) -> None:
    """Renaming cannot be followed where a column has no name or two share one: refused before cells are touched."""
    errors: dict[str, list[str]] = {}
    for side, columns in sides.items():
        names = [column.get("name") for column in columns or ()]
        for at, name in enumerate(names):
            if not isinstance(name, str) or not name.strip():
                errors[f"{side}/{at}/name"] = ["It needs a name."]
            elif names.count(name) > 1:
                errors[f"{side}/{name}"] = ["The name is declared twice."]
    if errors:
        raise Invalid("The columns are not valid.", code="TABLE_INVALID", errors=errors)


def edit_cases(
    table: DecisionTable,
    cases: Sequence[Mapping[str, Any]],
    *,
    seen: int | None = None,
    now: dt.datetime,
    actor: User,
) -> DecisionTable:
    """These test cases in place of those that the draft has."""
    return rewrite_draft(table, {"cases": list(cases)}, seen=seen, now=now, actor=actor)
