"""States and moves of the catalog's records, and what each guarded state asks for, as data."""

from governance.kernel.lifecycle import Lifecycle

INTERFACE = Lifecycle(
    "interface",
    initial="PROPOSED",
    moves={
        "adopt": ("DISCOVERED", "PROPOSED"),
        "submit": ("PROPOSED", "IN_REVIEW"),
        "approve": ("IN_REVIEW", "APPROVED"),
        "reject": ("IN_REVIEW", "REJECTED"),
        "reopen": (("REJECTED", "IN_REVIEW", "APPROVED"), "PROPOSED"),
        "withdraw": (("PROPOSED", "IN_REVIEW", "REJECTED"), "WITHDRAWN"),
        "bring_into_force": ("APPROVED", "IN_BUILD"),
        "start_test": ("IN_BUILD", "IN_TEST"),
        "activate": ("IN_TEST", "ACTIVE"),
        "suspend": ("ACTIVE", "SUSPENDED"),
        "resume": ("SUSPENDED", "ACTIVE"),
        "deprecate": ("ACTIVE", "DEPRECATED"),
        "retire": ("DEPRECATED", "RETIRED"),
    },
)

#: Editable by its team without a change; everything later only under a mandate.
OPEN_STATES = ("DISCOVERED", "PROPOSED")

#: What was approved is built and tested: its addresses are found while that is done.
BUILDING_STATES = ("IN_BUILD", "IN_TEST")

#: How long, in days, consumers have between the announcement that an interface ends and its end.
SUNSET_DAYS, SUNSET_DAYS_CRITICAL = 90, 180
#: An interface ends when nobody has been heard on it for so many days.
SILENT_DAYS = 30

#: What the right-hand apps and the owners must have stated before a move; no row means no.
REQUIRED_FACTS = {
    "start_test": ("contract_approved",),
    "activate": (
        "contract_published",
        "change_implemented",
        "resilience_conforms",
        "runbook",
        "escalation",
        "controls_evidenced",
    ),
}
#: Asked at activation only of the tiers or interfaces that they concern.
DRILLED_TIERS = (0, 1, 2)

#: What an owner states with evidence; the other facts are written by the app that knows.
OWNER_STATED_FACTS = ("resilience_conforms", "runbook", "escalation", "controls_evidenced", "drill_planned", "baa")

BINDING = Lifecycle(
    "binding",
    initial="PLANNED",
    moves={"connect": ("PLANNED", "IN_TEST"), "go_live": (("PLANNED", "IN_TEST"), "LIVE"), "end": ("LIVE", "ENDED")},
)

#: Which move the bindings of which environments make when the interface moves.
BINDINGS_FOLLOW = {
    "start_test": ("connect", ("DEV", "TEST", "STAGE")),
    "activate": ("go_live", ("PROD",)),
}

FINDING = Lifecycle(
    "finding",
    initial="OPEN",
    moves={
        "waive": ("OPEN", "WAIVED"),
        "reopen": (("WAIVED", "FIXED", "FALSE_POSITIVE"), "OPEN"),
        "fix": (("OPEN", "WAIVED"), "FIXED"),
        "dismiss": ("OPEN", "FALSE_POSITIVE"),
    },
)
