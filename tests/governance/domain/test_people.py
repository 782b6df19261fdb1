"""People, teams and machines: what the commands do and refuse, and that lists and single objects agree."""

import datetime as dt

import pytest

from governance.domain import people
from governance.domain.rules import can, registered, require, roles_of, visible, visible_or_404
from governance.kernel.errors import Invalid, NotAllowed, NotFound
from governance.models import AuditEvent, Board, Membership, Notice, Scope, ServiceAccount, Team, User
from tests.cast import PLAYED

DAY = dt.timedelta(days=1)


def fresh(user):
    """The user as another request loads it: roles are asked once per loaded user."""
    return User.objects.get(pk=user.pk)


def test_only_the_clock_and_the_platform_admin_administer(cast, now):
    allowed = set()
    for name in [*PLAYED, "system"]:
        actor = cast(name)
        before = AuditEvent.objects.count()
        try:
            people.register_person(f"by-{name}", name="Somebody", now=now, actor=actor)
            allowed.add(name)
        except NotAllowed:
            assert AuditEvent.objects.count() == before
    assert allowed == {"quinn", "system"}


def test_joining_gives_the_teams_roles_and_leaving_takes_them(cast, eve, now):
    team = cast.team("architects")
    first = people.join_team(team, user=eve, now=now, actor=cast.clock)
    assert people.join_team(team, user=eve, now=now + DAY, actor=cast.clock) == first
    assert roles_of(fresh(eve)) == {"ARCHITECT"}
    assert list(eve.groups.all()) == [team.group]
    people.leave_team(team, user=eve, now=now + DAY, actor=cast.clock)
    assert roles_of(fresh(eve)) == frozenset()
    assert not eve.groups.exists()
    assert Membership.objects.get(user=eve).until == now + DAY


def test_a_team_has_known_roles_only(cast, now):
    with pytest.raises(Invalid, match="There is no role WIZARD"):
        people.found_team("odd", name="Odd", roles=("WIZARD",), now=now, actor=cast.clock)
    assert not Team.objects.filter(key="odd").exists()


def test_who_leaves_cannot_act_and_leaves_every_team(cast, ada, now):
    people.deactivate_person(ada, now=now, actor=cast.clock)
    gone = fresh(ada)
    assert (gone.is_active, roles_of(gone), gone.groups.exists()) == (False, frozenset(), False)
    assert not can(gone, "register", User)


def test_a_machine_needs_an_active_person_who_answers_for_it(cast, ada, hal, now):
    def opened(responsible):
        people.open_service_account("bot", name="Bot", purpose="x", responsible=responsible, now=now, actor=cast.clock)

    with pytest.raises(Invalid, match="answers for it"):
        opened(hal)
    people.deactivate_person(ada, now=now, actor=cast.clock)
    with pytest.raises(Invalid, match="answers for it"):
        opened(fresh(ada))


@pytest.mark.parametrize(
    ("scopes", "life"),
    [((), DAY), (("everything",), DAY), ((Scope.GATE_READ,), -DAY), ((Scope.GATE_READ,), 367 * DAY)],
)
def test_a_token_has_known_scopes_and_an_end(cast, hal, now, scopes, life):
    account = ServiceAccount.objects.get(user=hal)
    with pytest.raises(Invalid):
        people.issue_token(account, name="t", scopes=scopes, expires_at=now + life, now=now, actor=cast.clock)
    assert not account.tokens.exists()


def test_only_administrators_issue_and_revoke_tokens(cast, hal, ada, now):
    account = ServiceAccount.objects.get(user=hal)
    with pytest.raises(NotAllowed):
        people.issue_token(account, name="t", scopes=(Scope.GATE_READ,), expires_at=now + DAY, now=now, actor=ada)


@pytest.mark.parametrize("name", [*PLAYED, "system"])
def test_lists_and_single_objects_agree_for_every_role(cast, board, now, name):
    actor = cast(name)
    for person in ("ada", "gus"):
        Notice.objects.create(recipient=cast(person), kind="NEWS", message="x", at=now)
    for model in [model for model in registered() if model._meta.app_label == "governance"]:
        rows = list(model._default_manager.all())
        seen = set(visible(model._default_manager.all(), actor).values_list("pk", flat=True))
        assert {row.pk for row in rows if can(actor, "view", row)} == seen, model


def test_what_one_may_not_see_is_not_found_and_what_one_may_not_do_is_refused(cast, ada, uma, board, now):
    notice = Notice.objects.create(recipient=ada, kind="NEWS", message="x", at=now)
    with pytest.raises(NotFound):
        visible_or_404(Notice.objects.all(), uma, pk=notice.pk)
    assert visible_or_404(Notice.objects.all(), ada, pk=notice.pk) == notice
    with pytest.raises(NotAllowed):
        require(uma, "appoint", Board.objects.get())


def test_nobody_sees_and_may_nothing(board):
    from django.contrib.auth.models import AnonymousUser

    assert not visible(Board.objects.all(), AnonymousUser()).exists()
    assert not can(AnonymousUser(), "view", board)


def test_a_superuser_has_no_business_right(cast, now):
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    with pytest.raises(NotAllowed):
        people.register_person("x", name="X", now=now, actor=root)
