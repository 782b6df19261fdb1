"""Decision tables as files: what comes in by DMN or JSON, told apart by its first character, and what goes out."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.kernel.bounded import parse_json
from governance.kernel.errors import Invalid, Malformed
from governance.kernel.findings import Finding, Severity

from .reading import compile_table
from .table import CompiledTable
from .values import shortened
from .xml_export import export_dmn, export_json
from .xml_import import ReadFile, ReadTable, nothing_read, read_dmn
from .xml_tree import MAX_BYTES

FORMS = {"dmn": "application/xml", "json": "application/json"}
"""The forms in which a table leaves the product, with the media type of each."""

FIELDS = ("key", "version", "title", "hit", "inputs", "outputs", "rules", "cases")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file to be handed out."""

    name: str
    media_type: str
    data: bytes


def write_table(document: Mapping[str, Any], form: str, *, title: str = "") -> TableFile:
    """A table as a file of a form of ``FORMS``. Raises ``Invalid`` for another form, and as ``export_dmn``."""
    if form not in FORMS:
        said = f"'{shortened(form)}' is no form of a table; known are {', '.join(FORMS)}."
        raise Invalid(said, errors={"as": [f"one of {', '.join(FORMS)}"]})
    data = export_dmn(document, title=title) if form == "dmn" else export_json(document)
    named = "-".join(str(document[part]) for part in ("key", "version") if document.get(part))
    return TableFile(f"{re.sub(r'[^A-Za-z0-9._-]+', '_', named)}.{form}", FORMS[form], data)


def read_tables(data: bytes, *, decision: str | None = None) -> ReadFile:
    """The tables of a DMN model, or of JSON: one document, a list of them, or an object of them by key.

    ``decision`` names the one table wanted: the decision's name, or the key. Raises as ``read_dmn``, and ``Malformed``
    (MALFORMED_JSON, DUPLICATE_KEY). Documents compile; one of JSON that does not is an ERROR among the findings.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    opening = data.lstrip()[:1]
    if opening in (b"{", b"["):
        return _read_json(data, decision)
    if opening == b"<" or data.startswith(_UTF16):
        return read_dmn(data, decision=decision)
    raise Malformed("The file is neither a DMN model nor JSON.", code="NOT_DMN")


def _read_json(data: bytes, decision: str | None) -> ReadFile:
    found = parse_json(data, max_bytes=MAX_BYTES, what="file", decode=_decoded)
    if isinstance(found, dict):
        found = [found] if "rules" in found else list(found.values())
    tables: list[ReadTable] = []
    findings: list[Finding] = []
    for document in found:
        key = str(document.get("key", "")) if isinstance(document, dict) else ""
        if decision is not None and key != decision:
            continue
        try:
            table = compile_table(document if isinstance(document, dict) else {})
        except Invalid as invalid:
            findings += _errors(key, invalid)
            continue
        findings += _left_out(key, document)
        tables.append(_read_table(table, document))
    if not tables:
        known = [str(document.get("key", "")) for document in found if isinstance(document, dict)]
        raise nothing_read(findings, decision, known)
    return ReadFile(tuple(tables), tuple(findings))


def _decoded(data: bytes) -> Any:
    """Numbers keep their digits, and no key is said twice: people read the first, programs the last."""
    return json.loads(data.decode(), object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("An object in the file names the same key twice.", code="DUPLICATE_KEY")
    return found


def _read_table(table: CompiledTable, document: Mapping[str, Any]) -> ReadTable:
    kept = {name: document[name] for name in FIELDS if name in document and name != "title"}
    title = document.get("title")
    return ReadTable(kept, title if isinstance(title, str) else "", table.key, 1)


def _errors(key: str, invalid: Invalid) -> list[Finding]:
    return [
        Finding("TABLE_UNREADABLE", f"table '{shortened(key)}', {place}: {sentence}", where=f"{key}: {place}")
        for place, sentences in invalid.errors.items()
        for sentence in sentences
    ]


def _left_out(key: str, document: Mapping[str, Any]) -> list[Finding]:
    return [
        Finding(
            "TABLE_LEFT_OUT",
            f"table '{shortened(key)}': no table has a field {shortened(name)}; it is left out.",
            Severity.WARNING,
            f"{key}: {name}",
        )
        for name in document
        if name not in FIELDS
    ]
