"""A mandate: the proof, handed over as a value, that a change was authorised.

Left-hand apps take one and check it; only ``approvals`` constructs one from an authorised change
(a test greps for that). ``Mandate.seed`` is the single exception: the first version of a decision
table, published by the clock's user while the key has no version.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .errors import NotAllowed


@dataclass(slots=True)
class Mandate:
    """What was authorised: which change, on which subject, to do what, in which revision of the change."""

    change: str
    subject_type: str
    subject_id: str
    action: str
    revision_hash: str
    authorised_hash: str
    _used: bool = field(default=False, repr=False)

    @classmethod
    def seed(cls, *, subject: Any, action: str, content_hash: str) -> Mandate:
        """The SEED mandate, for what must exist before any change can be decided."""
        return cls("SEED", subject._meta.label_lower, str(subject.pk), action, content_hash, content_hash)

    @property
    def is_seed(self) -> bool:
        return self.change == "SEED"

    def redeem(self, *, subject: Any, action: str) -> None:
        """Check all four and use the mandate up. Raises ``NotAllowed`` (code ``MANDATE``) otherwise."""
        wrong = [
            reason
            for reason, holds in (
                ("it names no change", bool(self.change)),
                (
                    "it was given for another record",
                    (self.subject_type, self.subject_id) == (subject._meta.label_lower, str(subject.pk)),
                ),
                (f"it was given to {self.action}, not to {action}", self.action == action),
                (
                    "the change was revised after it was authorised",
                    self.revision_hash == self.authorised_hash,
                ),
                ("it was used already", not self._used),
            )
            if not holds
        ]
        if wrong:
            raise NotAllowed(f"The mandate of {self.change} does not cover this: {'; '.join(wrong)}.", code="MANDATE")
        self._used = True
