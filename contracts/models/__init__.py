"""What is promised: contracts, their versions, and the documents behind them."""

from .contracts import Contract
from .documents import Document
from .versions import CompatibilityReport, ContractVersion
from .words import CompatibilityMode, FormatName, LevelWord, VerdictWord

__all__ = [
    "CompatibilityMode",
    "CompatibilityReport",
    "Contract",
    "ContractVersion",
    "Document",
    "FormatName",
    "LevelWord",
    "VerdictWord",
]
