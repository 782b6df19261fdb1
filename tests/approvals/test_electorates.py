"""Random electorates, exclusions, delegations and vote orders against an oracle that shares no code with the product.

Whatever happens in whatever order: a change is authorised exactly when every need is met, an excluded person is always
refused, and a quorum or a veto ends it exactly where plain counting says so.
"""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.domain.recusing import recuse
from approvals.models import ApprovalRequirement, ChangeAuthor, ChangeRequest, Vote
from governance.domain.delegating import delegate
from governance.kernel.errors import DomainError
from tests.factories import approvals as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]

SEATED = {"CLINICAL_IT": "bo", "ERP": "cy", "SECURITY": "di", "DATA_GOVERNANCE": "ed", "OPERATIONS": "fay"}
ALTERNATES = {"CLINICAL_IT": "rae"}
OWNER, TAKERS, OTHERS = "abe", ("pam", "oz"), ("ada", "max", "gus", "uma")
VOTERS = [*SEATED.values(), "rae", OWNER, *TAKERS, *OTHERS]

said = st.tuples(st.just("vote"), st.sampled_from(VOTERS), st.sampled_from(["APPROVE", "APPROVE", "APPROVE", "REJECT"]))
aside = st.tuples(st.just("recuse"), st.sampled_from([*SEATED.values(), "rae"]), st.just(""))
#: Everybody once in some order, now and then somebody again, and somebody stepping aside in between.
steps = st.tuples(
    st.permutations([*SEATED.values(), "rae", OWNER, *TAKERS]),
    st.lists(st.sampled_from(["APPROVE", "APPROVE", "REJECT"]), min_size=9, max_size=9),
    st.lists(st.one_of(said, aside), max_size=4),
).map(lambda one: [*one[2], *(("vote", *pair) for pair in zip(one[0], one[1], strict=True))])
worlds = st.fixed_dictionaries(
    {
        "roles": st.lists(st.sampled_from(sorted(SEATED)), min_size=1, max_size=5, unique=True),
        "quorum": st.integers(1, 5),
        "veto": st.sets(st.sampled_from(sorted(SEATED)), max_size=2),
        "alone": st.sets(st.sampled_from([*sorted(SEATED), "INTERFACE_OWNER"]), max_size=3),
        "implementer": st.sampled_from([None, *SEATED.values()]),
        "writer": st.sampled_from([None, *SEATED.values(), OWNER]),
        "lent": st.dictionaries(st.sampled_from(sorted(SEATED.values())), st.sampled_from(TAKERS), max_size=2),
    }
)


class Oracle:
    """The rules of the board in sets and sums, from the design's words."""

    def __init__(self, world):
        self.group = (
            set(world["roles"]),
            min(world["quorum"], len(world["roles"])),
            world["veto"] & set(world["roles"]),
        )
        self.alone, self.lent = set(world["alone"]), world["lent"]
        self.authors = {"ada", *filter(None, [world["implementer"], world["writer"]])}
        self.never = {"max", *self.authors}
        self.recused, self.said, self.spoke, self.state = set(), {}, set(), "AUTHORIZE"

    def asked(self):
        return self.group[0] | self.alone

    def may_speak(self, name):
        """The roles in which ``name`` may speak now."""
        if name in self.never or name in self.recused:
            return set()
        roles = {role for role, member in SEATED.items() if member == name}
        roles |= {"INTERFACE_OWNER"} if name == OWNER else set()
        roles |= {r for r, a in ALTERNATES.items() if a == name and SEATED[r] not in self.authors}
        for giver, taker in self.lent.items():
            if taker == name and giver not in self.authors | self.recused:
                roles |= {role for role, member in SEATED.items() if member == giver}
        return roles & self.asked()

    def vote(self, name, role, choice):
        self.said[role], self.spoke = choice, self.spoke | {name}
        roles, quorum, veto = self.group
        no = {one for one, word in self.said.items() if word == "REJECT"}
        yes = {one for one, word in self.said.items() if word == "APPROVE"}
        if no & self.alone or no & veto or len(roles - no) < quorum:
            self.state = "REJECTED"
        elif len(yes & roles) >= quorum and self.alone <= yes:
            self.state = "SCHEDULED"


def staged(cast, world):
    """A change whose needs are those of the world: the table's own rows are replaced, as another table would."""
    change = make.asked_change(cast, "IF-SUR-004")
    oracle = Oracle(world)
    if world["implementer"]:
        ChangeRequest.objects.filter(pk=change.pk).update(implementer=cast(world["implementer"]))
    if world["writer"]:
        ChangeAuthor.objects.create(change=change, user=cast(world["writer"]), number=change.number)
    ChangeRequest.objects.filter(pk=change.pk).update(state="AUTHORIZE")
    change.requirements.all().delete()
    roles, quorum, veto = oracle.group
    rows = [{"roles": sorted(roles), "mode": "GROUP", "minimum": quorum, "veto": sorted(veto)}]
    rows += [{"roles": [role], "mode": "EACH"} for role in sorted(oracle.alone)]
    for position, row in enumerate(rows, start=1):
        ApprovalRequirement.objects.create(change=change, number=change.number, position=position, rules=["X"], **row)
    for giver, taker in world["lent"].items():
        delegate(
            cast(giver), taker=cast(taker), starts_at=cast.now, ends_at=cast.now + dt.timedelta(days=2), reason="Leave",
            now=cast.now, actor=cast(giver),
        )  # fmt: skip
    return ChangeRequest.objects.get(pk=change.pk), oracle


def take(cast, change, oracle, step):
    verb, name, choice = step
    try:
        if verb == "recuse":
            recuse(ChangeRequest.objects.get(pk=change.pk), reason="Kin", now=cast.now, actor=cast(name))
            return "recused"
        return make.vote(cast, change, name, choice)
    except DomainError as refusal:
        return refusal


def check(oracle, step, done):
    verb, name, choice = step
    open_now, able = oracle.state == "AUTHORIZE", oracle.may_speak(name)
    if verb == "recuse":
        expected = open_now and bool(able) and name not in oracle.spoke
        assert (done == "recused") is expected, (step, done)
        if expected:
            oracle.recused.add(name)
        return
    free = able - oracle.said.keys()
    if name in oracle.never | oracle.recused:
        assert isinstance(done, DomainError), (step, done)
        assert done.code in ("SOD_AUTHOR", "SOD_IMPLEMENTER", "SOD_MANAGER", "RECUSED")
    elif not open_now or not free or name in oracle.spoke:
        assert isinstance(done, DomainError), (step, done)
    elif free == able:
        assert isinstance(done, Vote), (step, done)
    if isinstance(done, Vote):
        assert done.role in free
        oracle.vote(name, done.role, choice)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds, order=steps)
def test_no_order_authorises_what_is_not_satisfied(cast, world, order):
    with transaction.atomic():
        change, oracle = staged(cast, world)
        for step in order:
            check(oracle, step, take(cast, change, oracle, step))
            change.refresh_from_db()
            assert change.state == oracle.state, (step, oracle.said)
        transaction.set_rollback(True)
    cast.users.clear()
    cast.teams.clear()
