"""Ordered values as points on a line: where they are cut, what lies between two cuts, and how a point is written.

Numbers stay exact numbers and texts stay texts; dates, times and durations become whole numbers of their
smallest unit. So one algebra of intervals serves every kind, and each point turns back into a fact and a cell.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

OTHER = ("OTHER", "other")
"""A text that no cell names is one of these, wherever one of them fits."""

DAY, HOUR, MINUTE, SECOND = 86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000
_MICROSECOND = dt.timedelta(microseconds=1)
_START = dt.datetime(1, 1, 1)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Scale:
    """One kind of ordered value.

    ``of`` places a value read from a cell or fact, ``between`` finds a point strictly between two (None:
    unbounded), or None where there is none; ``fact`` and ``literal`` write a point as JSON and as S-FEEL.
    """

    kind: str
    of: Callable[[Any], Any]
    between: Callable[[Any, Any], Any]
    fact: Callable[[Any], Any]
    literal: Callable[[Any], str]


def scale_of(kind: str, *, whole: bool = False, zoned: bool = False) -> Scale | None:
    """The scale of a kind, None when it has no order. ``zoned`` times count from their instant in UTC."""
    if kind == "number":
        return Scale(kind, _same, _whole_between if whole else _number_between, _number_fact, str)
    if kind == "string":
        return Scale(kind, _same, _text_between, _same, _quoted)
    found = _TEMPORAL.get((kind, zoned and kind in ("time", "date and time")))
    if found is None:
        return None
    of, write, low, high, units, usual = found
    name = "duration" if "duration" in kind else kind
    return Scale(kind, of, _counted(low, high, units, usual), write, lambda at: f'{name}("{write(at)}")')


def _same(value: Any) -> Any:
    return value


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(one) or (one if one >= " " else f"\\u{ord(one):04x}") for one in text) + '"'


def _text_between(low: str | None, high: str | None) -> str | None:
    if low is None:
        return next((text for text in (*OTHER, "") if high is None or text < high), None)
    endings = (low + ending for ending in ("A", " ", "\x00"))  # between a text and itself with NUL lies nothing
    return next((text for text in (*OTHER, *endings) if low < text and (high is None or text < high)), None)


def _whole_between(low: Any, high: Any) -> int | None:
    if low is None:
        return 0 if high is None else math.ceil(high) - 1
    after = math.floor(low) + 1
    return after if high is None or after < high else None


def _number_between(low: Any, high: Any) -> int | Decimal | None:
    """A whole number if there is one, else the decimal with the fewest digits."""
    found = _whole_between(low, high)
    if found is not None or not low < high:
        return found
    places, bottom, top = 0, Fraction(low), Fraction(high)
    while True:
        places += 1
        digits = math.floor(bottom * 10**places) + 1
        if Fraction(digits, 10**places) < top:
            return Decimal(f"{digits}E-{places}")


def _number_fact(number: int | Decimal) -> Any:
    """As JSON says it; a decimal that no float equals stays a Decimal, and the engine reads it as such."""
    if isinstance(number, int):
        return number
    if number == number.to_integral_value():
        return int(number)
    near = float(number)
    return near if math.isfinite(near) and Decimal(repr(near)) == number else number


def _counted(low: int, high: int, units: tuple[int, ...], usual: int) -> Callable[[Any, Any], int | None]:
    """Between two counts: the first round one, in the largest unit that has one."""

    def candidates(bottom: int | None, top: int | None) -> Iterator[int]:
        if bottom is None and top is None:
            yield usual
        for unit in units:
            yield (top - 1) // unit * unit if bottom is None and top is not None else ((bottom or 0) // unit + 1) * unit

    def between(bottom: int | None, top: int | None) -> int | None:
        floor, ceiling = low - 1 if bottom is None else bottom, high + 1 if top is None else top
        return next((at for at in candidates(bottom, top) if floor < at < ceiling and low <= at <= high), None)

    return between


def _naive(moment: dt.datetime) -> int:
    return (moment.replace(tzinfo=None) - _START) // _MICROSECOND


def _instant(moment: dt.datetime) -> int:
    return _naive(moment) - (moment.utcoffset() or dt.timedelta()) // _MICROSECOND


def _clock(time: dt.time) -> int:
    return ((time.hour * 60 + time.minute) * 60 + time.second) * SECOND + time.microsecond


def _clock_in_utc(time: dt.time) -> int:
    return _clock(time) - (time.utcoffset() or dt.timedelta()) // _MICROSECOND


def _write_moment(at: int) -> str:
    return (_START + dt.timedelta(microseconds=at)).isoformat()


def _write_time(at: int) -> str:
    return (_START + dt.timedelta(microseconds=at)).time().isoformat()


def _write_time_in_utc(at: int) -> str:
    """A clock may be before or after the day in UTC: then it is written with whole hours of offset."""
    hours = -(at // HOUR) if at < 0 else min(0, (DAY - 1 - at) // HOUR)
    offset = "Z" if not hours else f"{'+' if hours > 0 else '-'}{abs(hours):02}:00"
    return f"{_write_time(at + hours * HOUR)}{offset}"


def _write_duration(at: int) -> str:
    days, rest = divmod(abs(at), DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds = f"{Decimal(rest) / SECOND:f}" if rest else ""
    clock = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count)
    date = f"{days}D" if days or not clock else ""
    return f"{'-' if at < 0 else ''}P{date}{'T' if clock else ''}{clock}"


def _write_months(at: int) -> str:
    years, months = divmod(abs(at), 12)
    date = "".join(f"{count}{unit}" for count, unit in ((years, "Y"), (months, "M")) if count) or "0M"
    return f"{'-' if at < 0 else ''}P{date}"


_LAST = (dt.datetime.max - _START) // _MICROSECOND
_NEW_YEAR = (dt.datetime(2026, 1, 1) - _START) // _MICROSECOND
_CLOCK_UNITS = (HOUR, MINUTE, SECOND, 1)
_MOMENT_UNITS = (DAY, *_CLOCK_UNITS)
_LONGEST, _MOST_MONTHS = 999_999_999 * DAY, 999_999_999 * 12

_TEMPORAL: dict[tuple[str, bool], tuple[Callable[[Any], int], Callable[[int], str], int, int, tuple[int, ...], int]] = {
    ("date", False): (
        dt.date.toordinal,
        lambda at: dt.date.fromordinal(at).isoformat(),
        1,
        dt.date.max.toordinal(),
        (1,),
        dt.date(2026, 1, 1).toordinal(),
    ),
    ("time", False): (_clock, _write_time, 0, DAY - 1, _CLOCK_UNITS, 12 * HOUR),
    ("time", True): (_clock_in_utc, _write_time_in_utc, -23 * HOUR, DAY - 1 + 23 * HOUR, _CLOCK_UNITS, 12 * HOUR),
    ("date and time", False): (_naive, _write_moment, 0, _LAST, _MOMENT_UNITS, _NEW_YEAR),
    ("date and time", True): (_instant, lambda at: f"{_write_moment(at)}Z", 0, _LAST, _MOMENT_UNITS, _NEW_YEAR),
    ("days and time duration", False): (
        lambda length: length // _MICROSECOND,
        _write_duration,
        -_LONGEST,
        _LONGEST,
        _MOMENT_UNITS,
        DAY,
    ),
    ("years and months duration", False): (int, _write_months, -_MOST_MONTHS, _MOST_MONTHS, (12, 1), 12),
}
