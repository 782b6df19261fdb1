"""Decision tables as files: what is handed out for other tools, and what is read of a file before it is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from ..dmn.exchange import TableFile, read_tables, write_table
from ..dmn.values import shortened
from ..dmn.xml_import import ReadFile
from ..kernel.errors import DomainError, Invalid
from ..kernel.findings import blocking
from ..models import DecisionTable, User
from .drafts import start_draft
from .rules import require
from .tables import table_document


def export_table(table: DecisionTable, form: str) -> TableFile:
    """A version as a file of the form ``dmn`` (DMN 1.5) or ``json``, with its test cases in JSON.

    Raises ``Invalid`` for another form, and TABLE_NOT_DMN for what DMN has no place for.
    """
    cases = [{"name": case.name, "facts": case.facts, "expect": case.expect} for case in table.test_cases.all()]
    return write_table(table_document(table) | {"cases": cases}, form, title=table.title)


def read_table_file(data: bytes, filename: str = "", *, decision: str | None = None) -> ReadFile:
    """The tables of a DMN or JSON file, each of which ``draft_table`` takes once it has a version, and the findings.

    Nothing is stored. Raises as ``read_tables`` does; the refusal names the file.
    """
    try:
        return read_tables(data, decision=decision)
    except DomainError as refused:
        if filename:
            refused.message = f"{shortened(filename)}: {refused.message}"
            refused.args = (refused.message,)
        raise


def import_tables(
    data: bytes, filename: str = "", *, decision: str | None = None, now: dt.datetime, actor: User
) -> tuple[list[DecisionTable], ReadFile]:
    """Each table of a file as a draft: all of them, or nothing. A version that is there already gives way to the next.

    Raises ``Invalid`` (TABLE_UNREADABLE, TABLE_INVALID) with every error of the file by its place, also where other
    tables of it could be used, and as ``read_table_file`` does.
    """
    require(actor, "draft", DecisionTable)
    read = read_table_file(data, filename, decision=decision)
    refuse_errors(read)
    made: list[DecisionTable] = []
    errors: dict[str, list[str]] = {}
    with transaction.atomic():
        for table in read.tables:
            try:
                made.append(draft_of(table.document, table.title, now=now, actor=actor))
            except Invalid as refused:
                errors |= {f"{table.decision}: {place}": said for place, said in refused.errors.items()}
        if errors:
            raise Invalid(first_of(errors), code="TABLE_INVALID", errors=errors)
    return made, read


def draft_of(document: dict, title: str, *, now: dt.datetime, actor: User) -> DecisionTable:
    """A draft based on the version in force, if the key has one, with the content of the file."""
    key, version = str(document["key"]), str(document.get("version") or "")
    known = DecisionTable.objects.filter(key=key)
    taken = version and known.filter(version=version).exists()
    base = known.filter(state="ACTIVE").first()
    gaps = {"accepted_gaps": base.accepted_gaps} if base and "accepted_gaps" not in document else {}
    content = {name: value for name, value in document.items() if name != "version"} | gaps
    return start_draft(
        key, document=content, based_on=base, version="" if taken else version, title=title, now=now, actor=actor
    )


def refuse_errors(read: ReadFile) -> None:
    errors: dict[str, list[str]] = {}
    for finding in blocking(read.findings):
        errors.setdefault(finding.where, []).append(finding.message)
    if errors:
        raise Invalid(first_of(errors), code="TABLE_UNREADABLE", errors=errors)


def first_of(errors: dict[str, Sequence[str]] | dict[str, list[str]]) -> str:
    count = sum(map(len, errors.values()))
    first = next(iter(errors.values()))[0]
    return f"Nothing was imported: {count} error{'s' if count > 1 else ''} in the file; first: {first}"
