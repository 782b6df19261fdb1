"""Waivers under real concurrency on PostgreSQL: two clocks expire one once, and two who ask get one, or two numbers."""

from __future__ import annotations

import pytest
from django.db import connection

from approvals.domain.waivers import watch_waivers
from approvals.models import Waiver
from catalog.models import Finding, Interface
from governance.kernel.errors import Conflict
from governance.models import AuditEvent, Notice, User
from tests.factories import waivers as made

from .test_changes import at_once

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("seed_tables"),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="row locks are PostgreSQL's: set DATABASE_URL"),
]


def test_two_clocks_expire_a_waiver_once(cast):
    waiver = made.active_waiver(cast, made.ground(cast))

    def clock():
        return watch_waivers(now=waiver.expires_at, actor=User.objects.get(pk=cast.clock.pk))

    answers = at_once(clock, clock)
    assert all(isinstance(answer, int) for answer in answers), answers
    assert (Waiver.objects.get().state, Finding.objects.get().state) == ("EXPIRED", "OPEN")
    assert AuditEvent.objects.filter(action="approvals.waiver.expire").count() == 1
    told = list(Notice.objects.filter(kind="waiver.expired").values_list("recipient__username", flat=True))
    assert sorted(told) == ["abe", "ada", "pam"]


def asking(cast, interface, finding):
    def work():
        return made.asked_waiver(cast, Interface.objects.with_parties().get(pk=interface.pk), finding=finding)

    return work


def test_the_same_asked_for_twice_at_once_is_one_waiver(cast):
    interface = made.ground(cast)
    finding = made.finding_on(cast, interface)
    cast("ada"), cast("abe")
    answers = at_once(asking(cast, interface, finding), asking(cast, interface, finding))
    assert sorted(type(answer) for answer in answers if isinstance(answer, Conflict)) == [Conflict]
    assert Waiver.objects.count() == 1


def test_two_asked_for_at_once_have_two_numbers(cast):
    one, two = made.ground(cast), made.ground(cast, "IF-LAB-002")
    works = [asking(cast, interface, made.finding_on(cast, interface)) for interface in (one, two)]
    answers = at_once(*works)
    assert sorted(Waiver.objects.values_list("key", flat=True)) == ["WV-2026-0001", "WV-2026-0002"], answers
