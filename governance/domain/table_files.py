"""Decision tables as files: what is handed out for other tools, and what is read of a file before it is stored."""

from __future__ import annotations

from ..dmn.exchange import TableFile, read_tables, write_table
from ..dmn.values import shortened
from ..dmn.xml_import import ReadFile
from ..kernel.errors import DomainError
from ..models import DecisionTable
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
