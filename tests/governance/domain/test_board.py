"""The board: seats for persons, and delegations that cannot be stretched."""

import datetime as dt

import pytest

from governance.domain.board import appoint_seat
from governance.domain.delegating import delegate, principals_of
from governance.kernel.errors import Invalid, NotAllowed, NotFound
from governance.models import BoardSeat, Delegation

DAY = dt.timedelta(days=1)


@pytest.fixture
def lend(board, now):
    def lending(giver, taker, *, days=5, start=now, actor=None, scope=""):
        return delegate(
            giver, taker=taker, starts_at=start, ends_at=start + days * DAY,
            reason="holiday", scope=scope, now=now, actor=actor or giver,
        )  # fmt: skip

    return lending


def test_a_new_seat_ends_the_former_ones_term(board, cast, now):
    appoint_seat(board, constituency="ERP", member=cast("jo"), now=now + DAY, actor=cast("max"))
    former, present = BoardSeat.objects.filter(constituency="ERP").order_by("since")
    assert (former.member.username, former.until) == ("cy", now + DAY)
    assert (present.member.username, present.until) == ("jo", None)
    assert BoardSeat.objects.in_term(now + DAY).filter(constituency="ERP").get() == present
    assert BoardSeat.objects.in_term(now).filter(constituency="ERP").get() == former


def test_a_machine_cannot_sit(board, cast, now):
    with pytest.raises(Invalid, match="is a machine"):
        appoint_seat(board, constituency="ERP", member=cast("hal"), now=now, actor=cast.clock)
    with pytest.raises(Invalid, match="is a machine"):
        appoint_seat(board, constituency="ERP", member=cast("cy"), alternate=cast("hal"), now=now, actor=cast.clock)


def test_only_who_runs_the_board_appoints(board, cast, now):
    with pytest.raises(NotAllowed):
        appoint_seat(board, constituency="ERP", member=cast("jo"), now=now, actor=cast("cy"))


def test_a_delegation_lends_votes_for_its_time_and_scope(bo, cy, lend, now):
    lend(bo, cy, scope="CLINICAL_IT")
    assert principals_of(cy, now=now, scope="CLINICAL_IT") == [bo]
    assert principals_of(cy, now=now, scope="ERP") == []
    assert principals_of(cy, now=now + 5 * DAY, scope="CLINICAL_IT") == []
    assert principals_of(bo, now=now, scope="CLINICAL_IT") == []


def test_only_the_giver_delegates(bo, cy, lend):
    with pytest.raises((NotAllowed, NotFound)):
        lend(bo, cy, actor=cy)
    assert not Delegation.objects.exists()


@pytest.mark.parametrize("days", [-1, 0, 31])
def test_a_delegation_has_a_length_of_at_most_30_days(bo, cy, lend, days):
    with pytest.raises(Invalid, match="at most 30 days"):
        lend(bo, cy, days=days)
    assert not Delegation.objects.exists()


def test_a_delegation_goes_to_another_person_of_the_same_clearance(bo, hal, uma, lend):
    with pytest.raises(Invalid, match="to oneself"):
        lend(bo, bo)
    for taker in (hal, uma):
        with pytest.raises(Invalid, match="clearance"):
            lend(bo, taker)


def test_a_delegation_is_not_handed_on(bo, cy, di, lend, now):
    lend(bo, cy)
    with pytest.raises(Invalid, match="one hop"):
        lend(cy, di)
    with pytest.raises(Invalid, match="one hop"):
        lend(di, bo)
    assert lend(cy, di, start=now + 6 * DAY).taker == di
