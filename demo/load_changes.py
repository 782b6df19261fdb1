"""How the people of the demo bring a change through: they decide, ask, vote, implement and look back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import Any

from approvals.domain import (
    electors,
    evidence,
    evidence_queries,
    implementing,
    requests,
    requirements,
    reviewing,
    voting,
)
from approvals.models import ApprovalRequirement, ChangeRequest
from catalog.domain import decisions, owners
from catalog.models import Interface
from governance.domain.credentials import Credential
from governance.models import User

from .load_people import accounts
from .timeline import Life, working_hour
from .world import World

OUTCOMES = ("SUCCESSFUL",) * 12 + ("SUCCESSFUL_WITH_ISSUES",)
SAID = ("", "", "", "Reviewed with the team.", "The runbook is linked; fine.", "Minimum necessary is met.")
RATIONALE = {
    "NONE": "The recommended pattern fits; nothing speaks against it.",
    "ACCEPTABLE": "Not the recommended one, and acceptable here: the partner offers nothing else.",
    "DISCOURAGED": "Accepted with a date to move: the partner offers nothing else.",
    "REQUIRED_NOT_MET": "Accepted with a date to move to the required layer.",
}


def decide(world: World, interface: Interface, *, at: dt.datetime) -> None:
    """The pattern, by whom table T2 names; what the board decides in a meeting is decided by its vote."""
    assessed = decisions.assess_interface(interface)
    if assessed.forum != "BOARD_MEETING":
        rationale = RATIONALE[assessed.deviation]
        decider = decider_of(world, assessed.decider, interface)
        decisions.decide_pattern(interface, rationale=rationale, now=at, actor=decider)


def decider_of(world: World, role: str, interface: Interface) -> User:
    named = {"DESIGN_AUTHORITY": "ingrid", "DOMAIN_ARCHITECT": "tomas", "SECURITY_OFFICER": "grace"}
    if role in named:
        return world.user(named[role])
    return world.user(owners.owner_people(interface, "BUSINESS_OWNER")[0].username)


def ask(
    items: Sequence[requests.ItemSpec],
    *,
    change_type: str,
    title: str,
    reason: str,
    actor: User,
    at: dt.datetime,
    **values: Any,
) -> ChangeRequest:
    """Open a change with its plan and backout, give the evidence that policy demands, and submit it."""
    change = requests.open_change(
        change_type=change_type, title=title, reason=reason, items=items, plan=PLAN, backout=BACKOUT,
        now=at, actor=actor, **values,
    )  # fmt: skip
    give_evidence(change, at=at + dt.timedelta(minutes=5), actor=actor)
    return requests.submit_change(change, now=at + dt.timedelta(minutes=15), actor=actor)


def give_evidence(change: ChangeRequest, *, at: dt.datetime, actor: User) -> None:
    """The test's report as a file, the other documents by their links."""
    for proof in evidence_queries.evidence_of(change, now=at):
        kind = proof.kind.key
        if proof.provided or proof.kind.computed:
            continue
        if kind == "test_evidence":
            report = REPORT.format(change=change, items=", ".join(str(item) for item in change.items.all()))
            evidence.attach_evidence(
                change, kind=kind, content=report.encode(), name=f"{change.key}-test.txt", now=at, actor=actor
            )
        else:
            evidence.link_evidence(change, kind=kind, url=f"{WIKI}/{change.key}/{kind}", now=at, actor=actor)


WIKI = "https://wiki.lakeshore.example/evidence"
REPORT = (
    "Test report of {change}\n\nA day of messages was replayed in TEST: {items}.\n"
    "Every message was delivered once and in order; none was rejected.\n"
)
PLAN = "1. Deploy to test and replay a day of messages. 2. Deploy in the window. 3. Watch for an hour."
BACKOUT = "Disable the route, restore the former version, replay what was queued meanwhile."


def vote(change: ChangeRequest, dice: Random, *, at: dt.datetime, limit: int | None = None) -> Life:
    """Each need is met by one of those who may, hours apart; at most ``limit`` of them."""
    needs = list(requirements.current_requirements(change))[:limit]
    for need in needs:
        at = working_hour(at + dt.timedelta(minutes=dice.randint(40, 1300)))
        yield at
        voter = voter_for(change, need, dice, at=at)
        voting.cast_vote(
            change, choice="APPROVE", revision_hash=change.revision_hash, comment=dice.choice(SAID),
            requirement=need, signature=signature_of(voter), now=at, actor=voter,
        )  # fmt: skip
        change.refresh_from_db()


def signature_of(voter: User) -> Credential:
    """Each signs with the password that they sign in with, where policy asks for a signature."""
    return Credential("PASSWORD", next(row["password"] for row in accounts() if row["username"] == voter.username))


def voter_for(change: ChangeRequest, need: ApprovalRequirement, dice: Random, *, at: dt.datetime) -> User:
    """The member as a rule, the alternate now and then, nobody twice."""
    spoken = set(change.votes.filter(revision_hash=change.revision_hash).values_list("voter", flat=True))
    able = [person for person in electors.electorate(need, now=at) if person.pk not in spoken]
    if not able:
        raise RuntimeError(f"{change}: nobody is left to vote as {need}.")
    return able[1] if len(able) > 1 and dice.random() < 0.2 else able[0]


def vote_as_written(
    world: World, change: ChangeRequest, script: list[list[str]], dice: Random, *, at: dt.datetime
) -> Life:
    """The votes that the story tells, in its order."""
    for username, choice, comment in script:
        at = working_hour(at + dt.timedelta(minutes=dice.randint(40, 1300)))
        yield at
        voting.cast_vote(
            change, choice=choice, comment=comment, revision_hash=change.revision_hash,
            signature=signature_of(world.user(username)), now=at, actor=world.user(username),
        )  # fmt: skip
        change.refresh_from_db()


def carry_out(world: World, change: ChangeRequest, dice: Random, *, outcome: str = "") -> Life:
    """Implemented when its time has come, by an engineer or the clock, and closed after a look back."""
    change.refresh_from_db()
    if change.state != "SCHEDULED" or change.implement_at is None or change.authorised_at is None:
        return
    at = max(change.implement_at, change.authorised_at) + dt.timedelta(minutes=dice.randint(1, 90))
    yield at
    voted = change.votes.filter(voter=world.user("kenji")).exists()
    by_clock = change.window_start is None or voted
    implementing.implement_change(change, now=at, actor=world.clock if by_clock else world.user("kenji"))
    at = working_hour(at + dt.timedelta(hours=dice.randint(20, 96)))
    yield at
    result = outcome or dice.choice(OUTCOMES)
    notes = "" if result == "SUCCESSFUL" else "See the review; a follow-up is planned."
    reviewing.close_change(change, outcome=result, notes=notes, now=at, actor=world.user("victor"))
