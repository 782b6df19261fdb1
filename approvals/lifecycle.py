"""States and moves of what this app keeps, as data. Classes of change differ in the moves that they may make."""

from governance.kernel.lifecycle import Lifecycle

CHANGE = Lifecycle(
    "change request",
    initial="DRAFT",
    moves={
        "submit": ("DRAFT", "SUBMITTED"),
        "assess": (("SUBMITTED", "AUTHORIZE", "SCHEDULED"), "ASSESS"),
        "ask": (("SUBMITTED", "ASSESS"), "AUTHORIZE"),
        "authorise": (("SUBMITTED", "AUTHORIZE"), "SCHEDULED"),
        "implement": (("AUTHORIZE", "SCHEDULED"), "IMPLEMENTING"),
        "review": (("IMPLEMENTING", "DETECTED"), "REVIEW"),
        "close": ("REVIEW", "CLOSED"),
        "reject": ("AUTHORIZE", "REJECTED"),
        "reopen": ("REJECTED", "DRAFT"),
        "cancel": (("DRAFT", "SUBMITTED", "ASSESS", "AUTHORIZE", "SCHEDULED", "REJECTED"), "CANCELLED"),
    },
)

#: The stages of each class, in order, as pages draw them.
STAGES = ("DRAFT", "SUBMITTED", "ASSESS", "AUTHORIZE", "SCHEDULED", "IMPLEMENTING", "REVIEW", "CLOSED")
STAGES_OF = {
    "NORMAL": STAGES,
    "STANDARD": ("DRAFT", "SUBMITTED", "SCHEDULED", "IMPLEMENTING", "REVIEW", "CLOSED"),
    "EMERGENCY": ("DRAFT", "AUTHORIZE", "IMPLEMENTING", "REVIEW", "CLOSED"),
    "UNAUTHORIZED": ("DETECTED", "REVIEW", "CLOSED"),
}

#: Open in the sense of the board's queue.
OPEN_STATES = ("SUBMITTED", "ASSESS", "AUTHORIZE", "SCHEDULED", "IMPLEMENTING", "DETECTED", "REVIEW")

#: While a change may still be revised; each revision restarts the assessment and the lead time.
REVISABLE_STATES = ("DRAFT", "ASSESS", "AUTHORIZE", "SCHEDULED")

WAIVER = Lifecycle(
    "waiver",
    initial="REQUESTED",
    moves={
        "approve": ("REQUESTED", "APPROVED"),
        "reject": ("REQUESTED", "REJECTED"),
        "activate": ("APPROVED", "ACTIVE"),
        "remediate": ("ACTIVE", "REMEDIATED"),
        "expire": (("APPROVED", "ACTIVE"), "EXPIRED"),
        "revoke": (("APPROVED", "ACTIVE"), "REVOKED"),
        "remediate_late": ("EXPIRED", "REMEDIATED"),
    },
)

TEMPLATE = Lifecycle(
    "standard change template",
    initial="DRAFT",
    moves={
        "submit": ("DRAFT", "IN_REVIEW"),
        "reject": ("IN_REVIEW", "DRAFT"),
        "approve": ("IN_REVIEW", "ACTIVE"),
        "suspend": ("ACTIVE", "SUSPENDED"),
        "resume": ("SUSPENDED", "IN_REVIEW"),
        "retire": (("DRAFT", "ACTIVE", "SUSPENDED"), "RETIRED"),
    },
)

MEETING = Lifecycle(
    "meeting",
    initial="PLANNED",
    moves={
        "open": ("PLANNED", "RUNNING"),
        "close": ("RUNNING", "CLOSED"),
        "sign": ("CLOSED", "SIGNED"),
        "cancel": ("PLANNED", "CANCELLED"),
    },
)

AGENDA_ITEM = Lifecycle(
    "agenda item",
    initial="WAITING",
    moves={
        "begin": ("WAITING", "CURRENT"),
        "decide": (("CURRENT", "WAITING"), "DECIDED"),  # waiting: what needs no discussion goes by its votes
        "defer": (("WAITING", "CURRENT"), "DEFERRED"),
        "restore": ("DEFERRED", "WAITING"),
    },
)
