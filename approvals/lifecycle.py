"""States and moves of a change request, as data, per class where classes differ."""

from governance.kernel.lifecycle import Lifecycle

CHANGE = Lifecycle(
    "change request",
    initial="DRAFT",
    moves={
        "submit": ("DRAFT", "SUBMITTED"),
        "assess": (("SUBMITTED", "AUTHORIZE", "SCHEDULED"), "ASSESS"),
        "ask": ("ASSESS", "AUTHORIZE"),
        "authorise": ("AUTHORIZE", "SCHEDULED"),
        "implement": ("SCHEDULED", "IMPLEMENTING"),
        "review": ("IMPLEMENTING", "REVIEW"),
        "close": ("REVIEW", "CLOSED"),
        "reject": ("AUTHORIZE", "REJECTED"),
        "reopen": ("REJECTED", "DRAFT"),
        "cancel": (("DRAFT", "SUBMITTED", "ASSESS", "AUTHORIZE", "SCHEDULED", "REJECTED"), "CANCELLED"),
    },
)

#: The stages of a normal change, in order, as pages draw them.
STAGES = ("DRAFT", "SUBMITTED", "ASSESS", "AUTHORIZE", "SCHEDULED", "IMPLEMENTING", "REVIEW", "CLOSED")

#: Open in the sense of the board's queue.
OPEN_STATES = ("SUBMITTED", "ASSESS", "AUTHORIZE", "SCHEDULED", "IMPLEMENTING", "REVIEW")

#: While a change may still be revised; each revision restarts the assessment and the lead time.
REVISABLE_STATES = ("DRAFT", "ASSESS", "AUTHORIZE", "SCHEDULED")
