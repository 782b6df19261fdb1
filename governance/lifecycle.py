"""States and moves of the governance records, as data."""

from .kernel.lifecycle import Lifecycle

DECISION_TABLE = Lifecycle(
    "decision table",
    initial="DRAFT",
    moves={
        "submit": ("DRAFT", "IN_REVIEW"),
        "reject": ("IN_REVIEW", "DRAFT"),
        "approve": ("IN_REVIEW", "APPROVED"),
        "activate": ("APPROVED", "ACTIVE"),
        "supersede": ("ACTIVE", "SUPERSEDED"),
    },
)
