"""Decision tables: pure words and tables, no Django and no database.

``compile_table`` checks a document and makes it fast, ``CompiledTable.evaluate`` applies it with a trace,
``check_facts`` tells a door what is wrong with its facts, ``explain_cell`` says a cell in a sentence, ``analyse`` finds
what a table leaves undecided and where its rules meet.
"""

from .analysis import Analysis, Gap, Never, analyse, analysis_document
from .document import content_hash, to_document
from .explain import explain_cell
from .facts import check_facts
from .hits import HIT_POLICIES, TableNotAgreed, TableNotUnique
from .overlaps import Overlap
from .reading import compile_table
from .table import CellTrace, CompiledTable, Evaluation, RuleTrace, trace_document

__all__ = [
    "HIT_POLICIES",
    "Analysis",
    "CellTrace",
    "CompiledTable",
    "Evaluation",
    "Gap",
    "Never",
    "Overlap",
    "RuleTrace",
    "TableNotAgreed",
    "TableNotUnique",
    "analyse",
    "analysis_document",
    "check_facts",
    "compile_table",
    "content_hash",
    "explain_cell",
    "to_document",
    "trace_document",
]
