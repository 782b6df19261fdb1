"""What came of changes, as points: of one change, and of a team's changes over a time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from governance.domain.rules import visible
from governance.models import Team, User

from ..models import ChangeClass, ChangeRequest, Outcome, Review

POINTS = {
    Outcome.SUCCESSFUL: 3,
    Outcome.SUCCESSFUL_WITH_ISSUES: -2,
    Outcome.FAILED_BACKED_OUT: -5,
    Outcome.ACCEPTED_RETROSPECTIVE: -5,
    Outcome.REVERTED: -5,
    Outcome.FALSE_POSITIVE: 0,
}
INCIDENT_POINTS = {"p1": -10, "p2": -5, "p3": -2}


def score_of(outcome: str, *, p1: int = 0, p2: int = 0, p3: int = 0) -> int:
    """+3 successful, -2 with issues, -5 unsuccessful or unauthorised; -10, -5 or -2 per incident that it caused."""
    caused = {"p1": p1, "p2": p2, "p3": p3}
    return POINTS[Outcome(outcome)] + sum(points * caused[name] for name, points in INCIDENT_POINTS.items())


def write_review(change: ChangeRequest, *, outcome: str, now: dt.datetime, reviewer: User, **said: Any) -> Review:
    """Store what was found; inside the command that closes the change."""
    incidents = {name: said.get(name, 0) for name in INCIDENT_POINTS}
    review = Review(
        change=change, outcome=outcome, score=score_of(outcome, **incidents), reviewed_by=reviewer, reviewed_at=now,
        created_at=now, **said,
    )  # fmt: skip
    review.save(force_insert=True)
    return review


@dataclass
class TeamRecord:
    """One team's closed changes in the window: points, how many, how many failed, and how many of each class."""

    team: Team
    score: int = 0
    closed: int = 0
    failed: int = 0
    by_class: Counter[str] = field(default_factory=Counter)
    incidents: Counter[str] = field(default_factory=Counter)

    @property
    def failure_share(self) -> float | None:
        """Of what the team asked for; a finding is not a change that it tried."""
        tried = self.closed - self.by_class[ChangeClass.UNAUTHORIZED]
        return self.failed / tried if tried else None

    @property
    def failure_percent(self) -> int | None:
        return None if self.failure_share is None else round(100 * self.failure_share)

    @property
    def classes(self) -> list[tuple[str, int]]:
        return [(label, self.by_class[value]) for value, label in ChangeClass.choices]


def team_scores(*, now: dt.datetime, window: dt.timedelta) -> list[TeamRecord]:
    """Every team with a review in the window that ends now, the highest score first; one query."""
    return records_of(Review.objects.all(), now=now, window=window)


def scores_seen(actor: User, *, now: dt.datetime, window: dt.timedelta) -> list[TeamRecord]:
    """The same, over the changes that ``actor`` may see."""
    return records_of(visible(Review.objects.all(), actor), now=now, window=window)


def records_of(reviews: QuerySet[Review], *, now: dt.datetime, window: dt.timedelta) -> list[TeamRecord]:
    rows = reviews.filter(reviewed_at__gt=now - window, reviewed_at__lte=now, change__team__isnull=False)
    records: dict[Any, TeamRecord] = {}
    for review in rows.select_related("change__team"):
        team = review.change.team
        if team is None:
            continue
        record = records.setdefault(team.pk, TeamRecord(team))
        record.score += review.score
        record.closed += 1
        record.failed += review.outcome == Outcome.FAILED_BACKED_OUT
        record.by_class[review.change.change_class] += 1
        record.incidents.update({name: getattr(review, name) for name in INCIDENT_POINTS})
    return sorted(records.values(), key=lambda one: (-one.score, one.team.name))
