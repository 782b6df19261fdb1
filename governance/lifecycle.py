"""States and moves of the governance records, as data."""

from .kernel.lifecycle import Lifecycle

DECISION_TABLE = Lifecycle(
    "decision table",
    initial="DRAFT",
    moves={
        "submit": ("DRAFT", "IN_REVIEW"),
        "reject": (("IN_REVIEW", "APPROVED"), "DRAFT"),
        "approve": ("IN_REVIEW", "APPROVED"),
        "activate": ("APPROVED", "ACTIVE"),
        "supersede": (("ACTIVE", "APPROVED"), "SUPERSEDED"),
    },
)

JOB = Lifecycle(
    "job",
    initial="QUEUED",
    moves={
        "start": ("QUEUED", "RUNNING"),
        "finish": ("RUNNING", "DONE"),
        "fail": ("RUNNING", "FAILED"),
        "requeue": (("RUNNING", "FAILED"), "QUEUED"),
        "cancel": (("QUEUED", "RUNNING"), "CANCELLED"),
    },
)

DELIVERY = Lifecycle(
    "webhook delivery",
    initial="DUE",
    moves={
        "deliver": ("DUE", "DELIVERED"),
        "give_up": ("DUE", "DEAD"),
        "replay": (("DEAD", "DELIVERED"), "DUE"),
    },
)
