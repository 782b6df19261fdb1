"""Changes under real concurrency on PostgreSQL: the last vote authorises once, implementing applies once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from approvals.domain.evidence import link_evidence
from approvals.domain.implementing import implement_change
from approvals.domain.requests import ItemSpec, ask_for_change, revise_change
from approvals.domain.voting import cast_vote
from approvals.models import ChangeRequest, Vote
from catalog.models import Interface
from governance.domain.seals import verify
from governance.kernel.errors import DomainError
from governance.models import AuditEvent, User
from tests.factories import approvals as make

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("seed_tables"),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="row locks are PostgreSQL's: set DATABASE_URL"),
]


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment, each in its own thread and connection; answers, or the refusals."""
    results: list[Any] = [None] * len(works)
    start = threading.Barrier(len(works))

    def run(position: int, work: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=20)
            results[position] = work()
        except DomainError as refusal:
            results[position] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def voting(change: ChangeRequest, user: User, now: Any) -> Callable[[], Vote]:
    def work() -> Vote:
        fresh = ChangeRequest.objects.get(pk=change.pk)
        person = User.objects.get(pk=user.pk)
        return cast_vote(
            fresh, choice="APPROVE", revision_hash=change.revision_hash, signature=make.SIGNATURE, now=now, actor=person
        )

    return work


def implementing(change: ChangeRequest, user: User) -> Callable[[], ChangeRequest]:
    def work() -> ChangeRequest:
        fresh, person = ChangeRequest.objects.get(pk=change.pk), User.objects.get(pk=user.pk)
        return implement_change(fresh, now=change.implement_at, actor=person)

    return work


def count(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


@pytest.mark.parametrize("attempt", range(3))
def test_two_last_votes_authorise_once(cast, attempt):
    change = make.asked_change(cast)
    make.vote_all(cast, change, besides=("di", "fay"))
    results = at_once(*(voting(change, cast(name), cast.now) for name in ("di", "fay")))
    assert [type(result) for result in results] == [Vote, Vote]
    change.refresh_from_db()
    assert (change.state, Interface.objects.get().state) == ("SCHEDULED", "APPROVED")
    assert count("approvals.change.authorise") == 1
    assert verify().ok


def test_member_and_alternate_at_once_are_one_voice(cast):
    change = make.asked_change(cast)
    results = at_once(*(voting(change, cast(name), cast.now) for name in ("bo", "rae")))
    assert sorted(getattr(result, "code", "voted") for result in results) == ["ALREADY_VOTED", "voted"]
    assert Vote.objects.count() == 1


def test_one_person_in_eight_windows_votes_once(cast):
    change = make.asked_change(cast)
    results = at_once(*(voting(change, cast("di"), cast.now) for _ in range(8)))
    assert sum(isinstance(result, Vote) for result in results) == 1
    assert {result.code for result in results if isinstance(result, DomainError)} == {"ALREADY_VOTED"}


def test_eight_voters_lose_nothing(cast):
    """Tier 1, PHI, financial and deviating: seven roles are asked, and an alternate speaks for an eighth person."""
    change = make.asked_change(cast, "IF-SUR-007")
    voters = ("abe", "rae", "cy", "di", "ed", "fay", "jo")
    results = at_once(*(voting(change, cast(name), cast.now) for name in (*voters, "bo")))
    assert sum(isinstance(result, Vote) for result in results) == 7
    change.refresh_from_db()
    assert change.state == "SCHEDULED"
    assert set(change.requirements.values_list("status", flat=True)) == {"SATISFIED"}
    assert (Vote.objects.count(), count("approvals.change.vote"), count("approvals.change.authorise")) == (7, 7, 1)
    assert verify().ok


def test_two_implementations_apply_once(cast):
    change = make.scheduled_change(cast)
    results = at_once(implementing(change, cast("max")), implementing(change, cast.clock))
    assert sorted(getattr(result, "code", "done") for result in results) == ["WRONG_STATE", "done"]
    change.refresh_from_db()
    assert (change.state, Interface.objects.get().state) == ("REVIEW", "IN_BUILD")
    assert (count("approvals.change.implement"), count("catalog.interface.apply")) == (1, 1)
    assert verify().ok


def test_a_revision_and_the_last_vote_at_once_never_authorise_what_nobody_saw(cast):
    change = make.asked_change(cast)
    make.vote_all(cast, change, besides=("di",))

    def revising() -> ChangeRequest:
        fresh, ada = ChangeRequest.objects.get(pk=change.pk), User.objects.get(pk=cast("ada").pk)
        return revise_change(fresh, backout="Route back", now=cast.now, actor=ada)

    results = at_once(voting(change, cast("di"), cast.now), revising)
    change.refresh_from_db()
    if change.state == "SCHEDULED":
        assert (change.authorised_hash, change.backout) == (change.revision_hash, "")
    else:
        assert (change.state, change.number, change.backout) == ("AUTHORIZE", 2, "Route back")
        assert set(change.requirements.filter(number=2).values_list("status", flat=True)) == {"UNSATISFIED"}
    assert any(not isinstance(result, DomainError) for result in results)
    assert verify().ok


def test_two_who_give_evidence_at_once_both_give_it_and_the_voters_are_asked_once(cast):
    held = {kind: url for kind, url in make.EVIDENCE.items() if kind not in ("test_evidence", "backout_plan")}
    change = make.asked_change(cast, evidence=held)
    assert change.state == "ASSESS"

    def giving(kind: str, name: str) -> Callable[[], ChangeRequest]:
        def work() -> ChangeRequest:
            fresh, person = ChangeRequest.objects.get(pk=change.pk), User.objects.get(pk=cast(name).pk)
            return link_evidence(fresh, kind=kind, url=make.EVIDENCE[kind], now=cast.now, actor=person)

        return work

    results = at_once(giving("test_evidence", "ada"), giving("backout_plan", "abe"))
    assert [result.pk for result in results] == [change.pk] * 2, results
    change.refresh_from_db()
    assert {"test_evidence", "backout_plan"} <= set(change.evidence)
    assert change.state == "AUTHORIZE"
    assert verify().ok


def test_evidence_and_the_last_vote_at_once_never_authorise_what_nobody_saw(cast):
    interface = make.interface_in_force(cast)
    change = ask_for_change(
        change_type="MODIFY", title="More", reason="Growth", items=[ItemSpec(interface, "UPDATE", {"volume_day": 900})],
        evidence=make.EVIDENCE, now=cast.now, actor=cast("ada"),
    )  # fmt: skip
    make.vote_all(cast, change, besides=("fay",))

    def giving() -> ChangeRequest:
        fresh, ada = ChangeRequest.objects.get(pk=change.pk), User.objects.get(pk=cast("ada").pk)
        return link_evidence(fresh, kind="exit_plan", url="https://wiki.example/2", now=cast.now, actor=ada)

    results = at_once(voting(change, cast("fay"), cast.now), giving)
    assert any(not isinstance(result, DomainError) for result in results)
    change.refresh_from_db()
    if change.state == "SCHEDULED":
        assert (change.number, change.authorised_hash) == (1, change.revision_hash)
    else:
        assert (change.state, change.number) == ("AUTHORIZE", 2)
        assert set(change.requirements.filter(number=2).values_list("status", flat=True)) == {"UNSATISFIED"}
    assert verify().ok
