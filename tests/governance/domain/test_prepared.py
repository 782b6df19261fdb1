"""Prepared questions answer as the queryset would, whoever asks next and on whichever engine."""

import datetime as dt
from uuid import UUID, uuid4

import pytest
from django.db.models import Exists, OuterRef

from governance.domain.people import authenticate_token, clock_user, issue_token, open_service_account, revoke_token
from governance.domain.prepared import Prepared, columns_of, record_from
from governance.kernel.errors import NotAuthenticated
from governance.models import Membership, ServiceToken, User

from ...conftest import NOW

pytestmark = pytest.mark.django_db


def described(username, account):
    joined = Membership.objects.filter(user=OuterRef("pk"), user__pk=account)
    rows = User.objects.filter(username=username, pk=account).annotate(joined=Exists(joined))
    return rows.order_by().values_list(*columns_of(User), "joined")


def test_the_same_question_with_other_values_reads_what_the_orm_reads(cast):
    asked = Prepared(described, username=str, account=UUID)
    for person in (cast("gus"), cast("eve")):
        *columns, joined = asked.first(username=person.username, account=person.pk)
        stored = User.objects.get(pk=person.pk)
        assert (
            record_from(User, columns).__dict__.items()
            >= {name: getattr(stored, name) for name in columns_of(User)}.items()
        )
        assert joined is Membership.objects.filter(user=person).exists()
    assert asked.first(username="gus", account=uuid4()) is None


def test_a_token_is_read_whole_and_its_end_counts_at_once(cast):
    system = clock_user()
    account = open_service_account("lab", name="Lab", purpose="Checks", responsible=cast("ada"), now=NOW, actor=system)
    end = NOW + dt.timedelta(days=1)
    token, secret = issue_token(account, name="lab", scopes=("contracts:check",), expires_at=end, now=NOW, actor=system)
    found = authenticate_token(secret, now=NOW)
    assert (found, found.scopes, found.expires_at) == (token, ["contracts:check"], end)
    assert (found.account, found.account.user, found.account.user.username) == (account, account.user, "lab")
    revoke_token(ServiceToken.objects.get(pk=token.pk), now=NOW, actor=system)
    with pytest.raises(NotAuthenticated) as refused:
        authenticate_token(secret, now=NOW)
    assert refused.value.code == "TOKEN_REVOKED"
