"""Draft tables for tests: a version in force with some of its rules said otherwise."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

from governance.domain import jobs, tables
from governance.models import DecisionTable, Job
from tests.cast import Cast


def edited(policy: dict[str, dict], key: str, version: str = "1.1", **rules: dict[str, Any] | None) -> dict[str, Any]:
    """The seed document of ``key`` as another version: each named rule changed, added, or (None) left out."""
    document = copy.deepcopy(policy[key]) | {"version": version}
    known = {rule["id"]: rule for rule in document["rules"]}
    for name, change in rules.items():
        if change is None:
            known.pop(name)
        else:
            known[name] = {"id": name, "when": {}, "then": {}, "note": ""} | known.get(name, {}) | change
    document["rules"] = list(known.values())
    return document


def draft(cast: Cast, policy: dict[str, dict], key: str, version: str = "1.1", **rules: Any) -> DecisionTable:
    """A draft of ``key`` in which these rules are said otherwise."""
    return tables.draft_table(edited(policy, key, version, **rules), now=cast.now, actor=cast.clock)


def into_force(cast: Cast, table: DecisionTable, *, at: dt.datetime) -> DecisionTable:
    """The version takes the place of the one in force, as when its change is implemented and its day has come."""
    DecisionTable.objects.filter(pk=table.pk).update(state="APPROVED", effective_from=at)
    tables.activate_due_tables(now=at, actor=cast.clock)
    table.refresh_from_db()
    return table


def run_jobs(cast: Cast, *, at: dt.datetime | None = None) -> list[Job]:
    """Let the clock do everything that waits; the jobs that it has done."""
    moment = at or cast.now
    waiting = list(Job.objects.due(moment).values_list("pk", flat=True))
    jobs.run_due_jobs(clock=lambda: moment, actor=cast.clock)
    return list(Job.objects.filter(pk__in=waiting))
