"""Background work under concurrency on PostgreSQL: of many runners one does a job, of many askers one job comes."""

from __future__ import annotations

import pytest
from django.db import connection

from governance.domain import jobs
from governance.kernel.errors import WrongState
from governance.models import AuditEvent, Job, User
from tests.races.test_changes import at_once

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="row locks are PostgreSQL's: set DATABASE_URL"),
]


def test_of_six_runners_one_does_the_job(cast, monkeypatch):
    runs = []

    def work(job, progress):
        runs.append(job.pk)
        progress(1, 2)
        return {"done": True}

    monkeypatch.setattr(jobs, "_works", {"work": work})
    job = jobs.queue_job("work", title="Work", params={}, now=cast.now, actor=cast("jo"))
    clock = cast.clock

    def running():
        return jobs.run_job(Job.objects.get(pk=job.pk), now=cast.now, actor=clock)

    results = at_once(*[running] * 6)
    assert sorted(type(result) is WrongState for result in results) == [False, *[True] * 5]
    job.refresh_from_db()
    assert (runs, job.state, job.attempts) == ([job.pk], "DONE", 1)
    assert AuditEvent.objects.filter(action="governance.job.finish").count() == 1


def test_of_six_requests_at_once_one_job_is_made(cast):
    asker = cast("jo")

    def asking():
        person = User.objects.get(pk=asker.pk)
        return jobs.queue_job("work", title="Work", params={"n": 1}, now=cast.now, actor=person)

    results = at_once(*[asking] * 6)
    assert len({one.pk for one in results}) == 1
    assert Job.objects.count() == 1


def test_of_two_who_find_a_dead_runner_one_gives_the_job_back(cast):
    job = jobs.queue_job("work", title="Work", params={}, now=cast.now, actor=cast("jo"))
    clock, later = cast.clock, cast.now + 2 * jobs.SILENCE
    jobs.claim_job(Job.objects.get(pk=job.pk), now=cast.now, actor=clock)
    results = at_once(*[lambda: jobs.recover_jobs(now=later, actor=clock)] * 2)
    assert sum(results) == 1
    job.refresh_from_db()
    assert job.state == "QUEUED"
