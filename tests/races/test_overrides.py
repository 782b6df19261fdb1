"""Five seats pass one requirement over, and signatures are given, under real concurrency on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from approvals.domain.overriding import override_requirement
from approvals.domain.signing import verify_signature
from approvals.domain.voting import cast_vote
from approvals.models import ChangeRequest, Override, Vote
from governance.domain.credentials import TRIES, Credential
from governance.domain.seals import verify
from governance.kernel.errors import DomainError
from governance.models import AuditEvent, User
from tests.factories import approvals as make

from .test_changes import at_once, voting

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("seed_tables"),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="row locks are PostgreSQL's: set DATABASE_URL"),
]
SEATS = ("bo", "cy", "di", "ed", "fay")
WRONG = Credential("PASSWORD", "not-my-password")


def overriding(change: ChangeRequest, user: User, now: Any) -> Callable[[], Override]:
    """The seat signs that the owner's requirement be passed over."""

    def work() -> Override:
        fresh, person = ChangeRequest.objects.get(pk=change.pk), User.objects.get(pk=user.pk)
        need = fresh.requirements.get(number=fresh.number, roles=["INTERFACE_OWNER"])
        return override_requirement(
            need, reason="The owner cannot be reached.", revision_hash=change.revision_hash,
            signature=make.SIGNATURE, now=now, actor=person,
        )  # fmt: skip

    return work


def signing_wrong(change: ChangeRequest, user: User, now: Any) -> Callable[[], Vote]:
    def work() -> Vote:
        fresh, person = ChangeRequest.objects.get(pk=change.pk), User.objects.get(pk=user.pk)
        return cast_vote(
            fresh, choice="APPROVE", revision_hash=change.revision_hash, signature=WRONG, now=now, actor=person
        )

    return work


def count(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


@pytest.mark.parametrize("attempt", range(3))
def test_five_seats_at_once_force_once(cast, attempt):
    change = make.asked_change(cast)
    results = at_once(*(overriding(change, cast(name), cast.now) for name in SEATS))
    assert [type(result) for result in results] == [Override] * 5
    need = change.requirements.get(roles=["INTERFACE_OWNER"])
    assert (need.status, need.overrides.count()) == ("FORCED", 5)
    assert (count("approvals.requirement.override"), count("approvals.requirement.force")) == (5, 1)
    assert verify().ok


def test_member_and_alternate_at_once_sign_once_for_their_seat(cast):
    change = make.asked_change(cast)
    results = at_once(*(overriding(change, cast(name), cast.now) for name in ("bo", "rae")))
    assert sorted(getattr(result, "code", "signed") for result in results) == ["ALREADY_VOTED", "signed"]
    assert Override.objects.get().constituency == "CLINICAL_IT"


def test_the_owners_vote_and_the_fifth_seat_at_once_settle_it_once(cast):
    change = make.asked_change(cast)
    make.vote_all(cast, change, besides=("abe",))
    for name in SEATS[:4]:
        overriding(change, cast(name), cast.now)()
    results = at_once(voting(change, cast("abe"), cast.now), overriding(change, cast("fay"), cast.now))
    assert sum(isinstance(result, Vote | Override) for result in results) >= 1
    change.refresh_from_db()
    need = change.requirements.get(roles=["INTERFACE_OWNER"])
    assert (change.state, need.status in ("SATISFIED", "FORCED")) == ("SCHEDULED", True)
    assert count("approvals.change.authorise") == 1
    assert verify().ok


def test_signatures_given_at_once_belong_each_to_its_own_vote(cast):
    change = make.asked_change(cast)
    voters = ("abe", "bo", "di", "ed", "fay")
    results = at_once(*(voting(change, cast(name), cast.now) for name in voters))
    assert [type(result) for result in results] == [Vote] * 5
    votes = list(Vote.objects.select_related("change", "requirement", "voter", "on_behalf_of"))
    assert {vote.signature for vote in votes} != {""}
    assert len({vote.signature for vote in votes}) == 5
    assert all(verify_signature(vote) for vote in votes)


def test_wrong_signatures_at_once_are_counted_and_sign_nothing(cast):
    change = make.asked_change(cast)
    results = at_once(*(signing_wrong(change, cast("di"), cast.now) for _ in range(TRIES + 3)))
    codes = sorted(result.code for result in results if isinstance(result, DomainError))
    assert codes == ["SIGNATURE_LOCKED"] * 3 + ["SIGNATURE_WRONG"] * TRIES
    assert not Vote.objects.exists()
