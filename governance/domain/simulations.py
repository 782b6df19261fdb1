"""Past requests asked again of a draft table: who would have decided, and what would have been asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from ..kernel.errors import Invalid, NotFound
from ..models import DecisionTable, Job, User
from .impacts import check_ahead
from .jobs import Progress, queue_job, register_work
from .measures import Question, Versions, measured, replay_measures, report_of
from .rules import require
from .tables import compiled

SIMULATION = "table-simulation"
YEAR = dt.timedelta(days=365)


def ask_simulation(
    table: DecisionTable,
    *,
    since: dt.date | None = None,
    until: dt.date | None = None,
    now: dt.datetime,
    actor: User,
) -> Job:
    """Have the requests of a period (first and last day, UTC; a year up to today) put to this version again.

    Raises ``WrongState`` for a version that is or was in force, ``Invalid`` for a period that ends before it begins.
    """
    require(actor, "measure", table)
    check_ahead(table)
    last = until or now.date()
    first = since or last - YEAR
    if first > last:
        raise Invalid("The period ends before it begins.", errors={"until": [f"{first} or later"]})
    params = {
        "table": str(table.pk), "hash": compiled(table)[1], "since": first.isoformat(), "until": last.isoformat(),
    }  # fmt: skip
    url = reverse("governance:table-simulation", kwargs={"key": table.key, "version": table.version})
    return queue_job(SIMULATION, title=f"Simulation of {table}", params=params, url=url, now=now, actor=actor)


def simulate(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of one job; its result is the report."""
    draft = DecisionTable.objects.get(pk=job.params["table"])
    check_ahead(draft)
    first, last = (dt.date.fromisoformat(job.params[name]) for name in ("since", "until"))
    question = Question(draft, Versions(draft), since=start_of(first), until=start_of(last + dt.timedelta(days=1)))
    report = report_of(measured(replay_measures(draft.key), question, progress))
    return report | {"hash": compiled(draft)[1], "since": first.isoformat(), "until": last.isoformat()}


register_work(SIMULATION, simulate)


def start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, tzinfo=dt.UTC)


def simulation_of(table: DecisionTable, pk: Any = None) -> Job | None:
    """The newest finished simulation of this version, whoever asked for it, or the one that is named."""
    done = Job.objects.filter(kind=SIMULATION, state="DONE", params__table=str(table.pk))
    return (done.filter(pk=pk) if pk else done).order_by("-finished_at").first()


def running_job(table: DecisionTable, kind: str, actor: User) -> Job | None:
    """The actor's own job on this version that waits or runs."""
    mine = Job.objects.filter(kind=kind, requested_by=actor, state__in=["QUEUED", "RUNNING"])
    return mine.filter(params__table=str(table.pk)).order_by("-created_at").first()


def simulation_named(table: DecisionTable, pk: Any = None) -> Job:
    """As ``simulation_of``; raises ``NotFound`` where there is none."""
    found = simulation_of(table, pk)
    if found is None:
        raise NotFound(f"No simulation of {table} has been done yet.")
    return found
