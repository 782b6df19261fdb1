"""The database's answer to "who is asked" is that of the rules that a vote is judged by."""

import datetime as dt
import random

import pytest

from approvals.domain.asked import asked_of
from approvals.domain.queries import waiting_on, with_voters
from approvals.models import ApprovalRequirement, ChangeAuthor, ChangeRequest, Recusal, Vote
from catalog.models import OwnerAssignment, Subscription
from governance.models import BoardSeat, Delegation
from tests.factories import approvals as make
from tests.factories import catalog

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
PEOPLE = ("ada", "abe", "bo", "rae", "cy", "di", "ed", "fay", "jo", "nia", "pam", "sam", "tess", "max", "hal", "eve")
ROLES = (
    "INTERFACE_OWNER", "CLINICAL_IT", "SECURITY", "ERP", "DESIGN_AUTHORITY", "EMERGENCY_APPROVER", "OPERATIONS",
    "EACH_CONSUMER_OWNER", "SECURITY_OFFICER",
)  # fmt: skip
ROUNDS = 12


def agreed(cast):
    """Everybody's queue, asked of the database and of the rules; the number of changes that were asked in all."""
    every, total = list(with_voters(ChangeRequest.objects.taking_votes())), 0
    for name in PEOPLE:
        by_rules = set(waiting_on(every, cast(name), now=cast.now))
        assert set(asked_of(cast(name), now=cast.now).values_list("pk", flat=True)) == by_rules, name
        total += len(by_rules)
    return total


def shaken(dice, cast, changes):
    """A state that no rule promises: roles, modes, votes, authors, recusals and delegations as the dice fall."""
    for model in (Vote, Recusal, Delegation):
        model.objects.all().delete()
    ChangeAuthor.objects.exclude(user=cast("ada")).delete()
    for change in changes:
        change.change_class = dice.choice(["NORMAL", "NORMAL", "EMERGENCY", "UNAUTHORIZED"])
        change.state = dice.choice(["AUTHORIZE", "AUTHORIZE", "REVIEW", "ASSESS"])
        change.implementer = dice.choice([None, None, cast(dice.choice(PEOPLE))])
        change.responsible = cast(dice.choice(["ada", "ada", *PEOPLE]))
        change.save()
        needs = list(change.requirements.all())
        for need in needs:
            need.roles = dice.sample(ROLES, dice.randint(1, 4))
            need.mode, need.minimum = dice.choice(["EACH", "GROUP"]), dice.randint(1, 3)
            need.status = dice.choice(["UNSATISFIED", "UNSATISFIED", "SATISFIED", "NOT_APPLICABLE"])
            need.save()
        for name in dice.sample(PEOPLE, 4):
            cast_one(dice, cast, change, dice.choice(needs), name)
        for name in dice.sample(PEOPLE, 2):
            Recusal.objects.create(change=change, person=cast(name), reason="Mine", at=cast.now)
        ChangeAuthor.objects.get_or_create(change=change, user=cast(dice.choice(PEOPLE)), number=1)
    for _ in range(4):
        giver, taker = dice.sample(PEOPLE, 2)
        Delegation.objects.create(
            giver=cast(giver), taker=cast(taker), scope=dice.choice(["", "", "SECURITY", "INTERFACE_OWNER"]),
            starts_at=cast.now - dt.timedelta(days=1), ends_at=cast.now + dt.timedelta(days=1), reason="Away",
        )  # fmt: skip


def cast_one(dice, cast, change, need, name):
    role = dice.choice(need.roles)
    if role == "EACH_CONSUMER_OWNER" and need.subscription is None:
        return
    Vote.objects.create(
        change=change, requirement=need, role=role, voter=cast(name), choice=dice.choice(["APPROVE", "ABSTAIN"]),
        on_behalf_of=dice.choice([None, None, cast("bo")]), at=cast.now,
        revision_hash=dice.choice([change.revision_hash, change.revision_hash, "former"]),
    )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_database_and_rules_agree_however_the_dice_fall(cast, seed):
    dice, asked = random.Random(seed), 0
    for name in PEOPLE:
        cast(name)
    changes = [make.asked_change(cast, key) for key in ("IF-SUR-001", "IF-SUR-004")]
    consumer = catalog.system(cast, "consumer")
    consumer.owner_team = cast.team("consumer-one")
    consumer.save()
    for change in changes:
        interface = change.items.get().interface
        subscription = Subscription.objects.create(
            interface=interface, consumer=consumer, purpose="Keeps a copy", since=cast.now
        )
        ApprovalRequirement.objects.filter(change=change, position=2).update(subscription=subscription)
    OwnerAssignment.objects.filter(kind="BUSINESS_OWNER").update(team=None, person=cast("abe"))
    BoardSeat.objects.filter(constituency="ERP").update(alternate=cast("sam"))
    for _ in range(ROUNDS):
        shaken(dice, cast, changes)
        asked += agreed(cast)
    assert asked > ROUNDS
