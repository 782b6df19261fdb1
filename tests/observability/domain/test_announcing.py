"""Owners are told once, of what lasted, and of its end."""

from __future__ import annotations

import datetime as dt

import pytest

from governance.models import Notice
from observability.domain.announcing import announce_due
from observability.models import StatusChange

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def owned(estate):
    interface = estate.interface()
    estate.own(interface, "abe")
    return estate.probe(interface, interval_s=10)


def changed(probe, before: str, after: str, at: dt.datetime, *, due_in: int = 0) -> StatusChange:
    return StatusChange.objects.create(
        probe=probe, from_state=before, to_state=after, at=at, reason="REFUSED" if after == "DOWN" else "",
        due_at=at + due_in * SECOND,
    )  # fmt: skip


def outcomes() -> list[str]:
    return list(StatusChange.objects.order_by("id").values_list("outcome", flat=True))


def test_a_lasting_failure_and_its_end_are_told_once_each(owned, now):
    changed(owned, "UP", "DOWN", now, due_in=10)
    assert announce_due(now=now) == 0
    assert [announce_due(now=now + 10 * SECOND), announce_due(now=now + 11 * SECOND)] == [1, 0]
    changed(owned, "DOWN", "UP", now + 20 * SECOND)
    announce_due(now=now + 20 * SECOND)
    assert list(Notice.objects.order_by("at").values_list("recipient__username", "kind", "message")) == [
        ("abe", "probe.down", "IF-SUR-001 is down: Health (REFUSED)."),
        ("abe", "probe.up", "IF-SUR-001 is back: Health answers again."),
    ]
    assert Notice.objects.first().url == f"/health/probes/{owned.pk}/"
    assert outcomes() == ["TOLD", "TOLD"]


def test_what_was_over_before_it_was_due_is_not_told(owned, now):
    changed(owned, "UP", "DOWN", now, due_in=10)
    changed(owned, "DOWN", "UP", now + 5 * SECOND)
    announce_due(now=now + 10 * SECOND)
    assert (Notice.objects.count(), outcomes()) == (0, ["BRIEF", "QUIET"])


def test_the_first_sight_of_a_probe_is_nothing_to_tell(owned, now):
    changed(owned, "UNKNOWN", "UP", now)
    announce_due(now=now)
    assert outcomes() == ["QUIET"]


def test_a_failure_that_nobody_owns_is_noted_as_such(estate, now):
    changed(estate.probe(estate.interface()), "UP", "DOWN", now)
    announce_due(now=now)
    assert outcomes() == ["NOBODY"]
