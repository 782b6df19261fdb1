"""What a search for an instance can end with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Ending(Enum):
    """FOUND: an instance; EMPTY: proven that there is none; MAYBE: a candidate to be tried; UNKNOWN: neither."""

    FOUND = 1
    MAYBE = 2
    UNKNOWN = 3
    EMPTY = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a search ended, with the instance or candidate where there is one."""

    ending: Ending
    value: Any = None

    @property
    def usable(self) -> bool:
        return self.ending in (Ending.FOUND, Ending.MAYBE)

    @property
    def empty(self) -> bool:
        return self.ending is Ending.EMPTY


EMPTY = Outcome(Ending.EMPTY)
UNKNOWN = Outcome(Ending.UNKNOWN)


def found(value: Any) -> Outcome:
    return Outcome(Ending.FOUND, value)


def maybe(value: Any) -> Outcome:
    return Outcome(Ending.MAYBE, value)


def better(left: Outcome, right: Outcome) -> Outcome:
    """Of two alternatives, the one that says more: an instance, a candidate, not known, nothing."""
    return left if left.ending.value <= right.ending.value else right


class BudgetSpent(Exception):
    """The time or the number of steps given to one comparison is used up."""
