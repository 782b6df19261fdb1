"""States and moves of what is promised, as data."""

from governance.kernel.lifecycle import Lifecycle

VERSION = Lifecycle(
    "contract version",
    initial="DRAFT",
    moves={
        "submit": ("DRAFT", "IN_REVIEW"),
        "approve": ("IN_REVIEW", "APPROVED"),
        "reject": ("IN_REVIEW", "REJECTED"),
        "publish": ("APPROVED", "PUBLISHED"),
        "deprecate": ("PUBLISHED", "DEPRECATED"),
        "retire": ("DEPRECATED", "RETIRED"),
        "reopen": ("REJECTED", "IN_REVIEW"),
    },
)

#: Its document may still be exchanged; everything later is fixed, whoever asks.
OPEN_STATES = ("DRAFT",)
#: Consumers rely on these: a candidate is held against them.
RELIED_ON = ("PUBLISHED", "DEPRECATED")
#: Promised to nobody yet; the newest of them is what a candidate follows while nothing is published.
COMING = ("DRAFT", "IN_REVIEW", "APPROVED")

#: How long a former version stays promised once it is superseded, in days: by tier, and for all other tiers.
SUNSET_DAYS_OF_TIER = {0: 180, 1: 180}
SUNSET_DAYS = 90
