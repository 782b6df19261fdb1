"""Jobs: queued once, run by one, followed while they run, and ended with a result or a sentence."""

import datetime as dt

import pytest

from governance.domain import jobs
from governance.kernel.errors import Invalid, NotAllowed, NotFound, WrongState
from governance.models import AuditEvent, Job, Notice

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def works(monkeypatch):
    """The work of the kind ``sum`` adds ``upto`` numbers; tests may put other works beside it."""

    def add(job, progress):
        total = 0
        for number in range(1, job.params["upto"] + 1):
            total += number
            progress(number, job.params["upto"])
        return {"total": total}

    known = {"sum": add}
    monkeypatch.setattr(jobs, "_works", known)
    return known


def queued(cast, name="jo", kind="sum", **params):
    return jobs.queue_job(
        kind, title="Add numbers", params=params or {"upto": 3}, url="/tables/", now=cast.now, actor=cast(name)
    )


def run(cast, *, later=MINUTE / 2):
    return jobs.run_due_jobs(clock=lambda: cast.now + later, actor=cast.clock)


def test_job_is_run_once_and_keeps_its_result(cast, works):
    job = queued(cast)
    assert (run(cast), run(cast)) == (1, 0)
    job.refresh_from_db()
    assert (job.state, job.result, job.done, job.total, job.percent) == ("DONE", {"total": 6}, 3, 3, 100)
    told = list(AuditEvent.objects.filter(subject_id=str(job.pk)).order_by("seq").values_list("action", flat=True))
    assert told == ["governance.job.queue", "governance.job.start", "governance.job.finish"]


def test_same_work_asked_twice_is_one_job_and_each_person_has_their_own(cast, works):
    first = queued(cast)
    assert queued(cast).pk == first.pk
    assert queued(cast, upto=4).pk != first.pk
    assert queued(cast, "kai").pk != first.pk
    run(cast)
    assert queued(cast).pk != first.pk


def test_refusal_ends_it_with_the_refusal_s_sentence(cast, works):
    def refuse(job, progress):
        raise Invalid("The table names a pattern that nobody knows.")

    works["refused"] = refuse
    job = queued(cast, kind="refused")
    assert run(cast) == 1
    job.refresh_from_db()
    assert (job.state, job.error) == ("FAILED", "The table names a pattern that nobody knows.")


def test_what_breaks_is_failed_and_does_not_hold_up_the_next(cast, works):
    def broken(job, progress):
        return {"share": 1 / 0}

    works["broken"] = broken
    first, second = queued(cast, kind="broken"), queued(cast)
    assert run(cast) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("FAILED", "DONE")
    assert "ZeroDivisionError" in first.error


def test_kind_that_nobody_does_fails_with_its_name(cast, works):
    job = queued(cast, kind="unheard-of")
    run(cast)
    job.refresh_from_db()
    assert job.state == "FAILED"
    assert "'unheard-of'" in job.error


def test_claimed_job_is_nobody_else_s(cast, works):
    job = queued(cast)
    other = Job.objects.get(pk=job.pk)
    jobs.claim_job(job, now=cast.now, actor=cast.clock)
    with pytest.raises(WrongState):
        jobs.claim_job(other, now=cast.now, actor=cast.clock)


def test_job_whose_runner_died_is_begun_again_and_the_dead_one_writes_nothing(cast, works):
    job = queued(cast)
    dead = jobs.claim_job(job, now=cast.now, actor=cast.clock)
    assert run(cast, later=MINUTE) == 0
    assert run(cast, later=3 * MINUTE) == 1
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result) == ("DONE", 2, {"total": 6})
    with pytest.raises(jobs.Lost):
        dead(1, 3)
    jobs.finish_job(job, dead, result={"total": 0}, now=cast.now + 4 * MINUTE, actor=cast.clock)
    job.refresh_from_db()
    assert job.result == {"total": 6}


def test_job_that_kills_its_runner_each_time_is_given_up(cast, works):
    job = queued(cast)
    for attempt in range(jobs.MOST_ATTEMPTS):
        at = cast.now + attempt * 5 * MINUTE
        jobs.recover_jobs(now=at, actor=cast.clock)
        jobs.claim_job(Job.objects.get(pk=job.pk), now=at, actor=cast.clock)
    assert jobs.recover_jobs(now=at + 5 * MINUTE, actor=cast.clock) == 1
    job.refresh_from_db()
    assert job.state == "FAILED"
    assert "begun 3 times" in job.error


def test_cancelled_while_it_runs_it_ends_at_its_next_step(cast, works):
    reached = []

    def long(job, progress):
        jobs.cancel_job(Job.objects.get(pk=job.pk), now=cast.now, actor=cast("jo"))
        progress(1, 1)
        reached.append("the end")
        return {}

    works["long"] = long
    job = queued(cast, kind="long")
    run(cast)
    job.refresh_from_db()
    assert (job.state, reached, job.result) == ("CANCELLED", [], {})


def test_only_who_asked_may_cancel_and_others_do_not_see_it(cast, works):
    job = queued(cast)
    with pytest.raises(NotFound):
        jobs.cancel_job(job, now=cast.now, actor=cast("kai"))
    with pytest.raises(NotAllowed):
        jobs.cancel_job(job, now=cast.now, actor=cast("gus"))
    with pytest.raises(NotAllowed):
        jobs.claim_job(job, now=cast.now, actor=cast("jo"))


def test_failed_one_is_begun_again_from_the_start(cast, works):
    job = queued(cast, kind="later")
    run(cast)
    works["later"] = works["sum"]
    job.refresh_from_db()
    Job.objects.filter(pk=job.pk).update(params={"upto": 2})
    jobs.retry_job(job, now=cast.now, actor=cast("jo"))
    with pytest.raises(WrongState):
        jobs.retry_job(job, now=cast.now, actor=cast("jo"))
    run(cast)
    job.refresh_from_db()
    assert (job.state, job.result, job.error) == ("DONE", {"total": 3}, "")


@pytest.mark.parametrize(("later", "told"), [(MINUTE / 2, 0), (10 * MINUTE, 1)])
def test_who_has_left_is_told(cast, works, later, told):
    queued(cast)
    run(cast, later=later)
    assert Notice.objects.filter(recipient=cast("jo"), kind="job.done").count() == told
