"""A decision table as a document: what is stored, exported, and identified by its hash.

``{"key", "version", "hit", "inputs": [column], "outputs": [column], "rules": [rule]}``. A rule is ``{"id", "when":
{input: cell}, "then": {output: value}, "note"}``; an input that ``when`` leaves out may be anything.

A column is ``{"name"}`` and, where its author says more, ``label``, ``note``, ``type`` (a key of ``values.KINDS``),
``values`` (all that it may be; of a list, its elements; of an output, in order of priority) and, of an output,
``default``. What facts there are, and so where the table may have a gap, an input says by ``values`` and:

- ``range``: a cell that every fact satisfies, such as ``"[0..4]"`` or ``">=0"``; needs an ordered ``type``;
- ``whole``: ``true`` when there is nothing between two whole numbers; needs the type number;
- ``optional``: ``true`` when the fact may be missing; otherwise no gap is looked for where it is.

An output's ``decides`` lists the values by which a rule decides: facts at which only other rules hold are a gap too.
``{"name": "verdict", "decides": ["RECOMMENDED", "REQUIRED"]}`` says that advice against something is no decision. Where
several outputs say it, a rule decides when all of them do; where none does, every rule decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from governance.kernel.errors import Invalid

from .hits import identity
from .table import CompiledTable

HASHED = ("key", "hit", "inputs", "outputs", "rules")
"""What a content hash covers, with the rules' notes. The version only names the content: it is left out."""


def to_document(table: CompiledTable) -> dict[str, Any]:
    """The document that the table was compiled from, without fields that no table has."""
    document = table.document
    return {name: document[name] for name in ("key", "version", *HASHED[1:]) if name in document}


def content_hash(document: Mapping[str, Any]) -> str:
    """The SHA-256 by which a decision record proves which rules it applied.

    Taken over JSON with sorted keys, no spaces, UTF-8, and whole floats as integers; the order of inputs,
    outputs and rules counts. Raises ``Invalid`` (TABLE_INVALID) for a document that JSON cannot say.
    """
    try:
        text = identity({name: document.get(name) for name in HASHED})
        return hashlib.sha256(text.encode()).hexdigest()
    except (TypeError, ValueError, RecursionError) as problem:
        raise Invalid(
            f"The table cannot be written as JSON: {problem}.",
            code="TABLE_INVALID",
            errors={"": [str(problem)]},
        ) from problem
