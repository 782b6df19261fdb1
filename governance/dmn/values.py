"""The kinds of value that a decision table compares, and how a fact is read as one of them.

Facts come from JSON, so dates, times and durations arrive as ISO 8601 texts and are read as such only where
a cell asks for them. Numbers are compared exactly: a float counts as the decimal that it is written as, so
0.1 in a fact equals 0.1 in a cell. True and false are not numbers. Source: DMN 1.5, chapter 10.3.2.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar("T")

KINDS: Mapping[str, str] = {
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
    "date": "a date such as 2026-01-31",
    "time": "a time such as 08:30:00",
    "date and time": "a date and time such as 2026-01-31T08:30:00Z",
    "days and time duration": "a duration such as P2DT12H",
    "years and months duration": "a duration such as P1Y6M",
    "list": "a list",
}
"""Every kind and how a sentence speaks of it; the keys are also the types an input or output may declare."""

_DAYS = re.compile(
    r"(-?)P(?=[0-9T])(?:([0-9]{1,9})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,6})?)S)?)?"
)
_MONTHS = re.compile(r"(-?)P(?=[0-9])(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?")


def number_of(value: Any) -> int | Decimal | None:
    """The exact number that a fact states, or None when it is not a finite number."""
    if value.__class__ is int:
        return int(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return Decimal(repr(float(value))) if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return None


def is_whole(value: Any) -> bool:
    """Whether a fact is a number without a fraction."""
    number = number_of(value)
    return number is not None and (isinstance(number, int) or number == number.to_integral_value())


def text_of(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def boolean_of(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def date_of(value: Any) -> datetime.date | None:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    if not isinstance(value, str) or len(value) != 10:
        return None
    return _iso(datetime.date.fromisoformat, value)


def time_of(value: Any) -> datetime.time | None:
    if isinstance(value, datetime.time):
        return value
    if not isinstance(value, str) or ":" not in value[:3]:
        return None
    return _iso(datetime.time.fromisoformat, value)


def date_time_of(value: Any) -> datetime.datetime | None:
    if isinstance(value, datetime.datetime):
        return value
    if not isinstance(value, str) or "T" not in value[10:11]:
        return None
    return _iso(datetime.datetime.fromisoformat, value)


def days_duration_of(value: Any) -> datetime.timedelta | None:
    if isinstance(value, datetime.timedelta):
        return value
    match = _DAYS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    sign, days, hours, minutes, seconds = match.groups()
    try:
        length = datetime.timedelta(
            days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0), seconds=float(seconds or 0)
        )
    except OverflowError:
        return None
    return -length if sign else length


def months_duration_of(value: Any) -> int | None:
    match = _MONTHS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    sign, years, months = match.groups()
    length = int(years or 0) * 12 + int(months or 0)
    return -length if sign else length


def list_of(value: Any) -> list[Any] | tuple[Any, ...] | None:
    return value if isinstance(value, list | tuple) else None


READERS: Mapping[str, Callable[[Any], Any]] = {
    "number": number_of,
    "string": text_of,
    "boolean": boolean_of,
    "date": date_of,
    "time": time_of,
    "date and time": date_time_of,
    "days and time duration": days_duration_of,
    "years and months duration": months_duration_of,
    "list": list_of,
}
"""Per kind, the function that reads a present fact as that kind and answers None when it is of another."""


def described(value: Any) -> str:
    """A fact as a sentence names it: ``the text "abc"``, ``the number 5``, ``a list``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the text "{shortened(value)}"'
    if number_of(value) is not None:
        return f"the number {value}"
    if list_of(value) is not None:
        return "a list"
    return "an object" if isinstance(value, Mapping) else "not a value that a table can compare"


def shortened(text: str, limit: int = 80) -> str:
    """The text as far as a sentence can carry it."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _iso(read: Callable[[str], T], text: str) -> T | None:
    try:
        return read(text)
    except ValueError:
        return None
