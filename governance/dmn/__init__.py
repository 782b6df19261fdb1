"""Decision tables: pure words and tables, no Django and no database.

``compile_table`` checks a document and makes it fast, ``CompiledTable.evaluate`` applies it with a trace,
``check_facts`` tells a door what is wrong with its facts, ``explain_cell`` says a cell in a sentence.
"""

from .document import content_hash, to_document
from .explain import explain_cell
from .facts import check_facts
from .hits import HIT_POLICIES, TableNotAgreed, TableNotUnique
from .reading import compile_table
from .table import CellTrace, CompiledTable, Evaluation, RuleTrace, trace_document

__all__ = [
    "HIT_POLICIES",
    "CellTrace",
    "CompiledTable",
    "Evaluation",
    "RuleTrace",
    "TableNotAgreed",
    "TableNotUnique",
    "check_facts",
    "compile_table",
    "content_hash",
    "explain_cell",
    "to_document",
    "trace_document",
]
