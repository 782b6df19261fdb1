"""Long work that can be left and returned to: queued as a row, claimed by one, followed, and ended with a sentence."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from ..kernel.errors import DomainError, WrongState
from ..lifecycle import JOB
from ..models import Job, Role, User
from ..models.jobs import JobQuerySet
from .audit import recorded
from .notices import give_notices
from .rules import has_role, is_clock, register, require

#: A runner that was not heard of for so long is gone.
SILENCE = dt.timedelta(minutes=2)
#: So often a job is begun before it is given up.
MOST_ATTEMPTS = 3
#: Progress is written this often at most; every write also says that the runner lives.
WRITE_EVERY_S = 0.5
#: Who has waited longer than this has left the page and is told.
PATIENCE = dt.timedelta(minutes=1)
log = structlog.get_logger("interlock.jobs")


class Lost(Exception):
    """The job is no longer this runner's: it was cancelled, or taken for dead and given to another."""


@dataclass
class Progress:
    """What the work calls while it goes on, ``progress(done, total)``; ``now`` is the runner's present time."""

    job: Job
    began: dt.datetime
    _start: float = field(default_factory=time.monotonic)
    _written: float = 0.0

    @property
    def now(self) -> dt.datetime:
        return self.began + dt.timedelta(seconds=time.monotonic() - self._start)

    @property
    def held(self) -> JobQuerySet:
        """The job, if it is still this runner's."""
        return Job.objects.filter(pk=self.job.pk, state="RUNNING", started_at=self.began)

    def __call__(self, done: int, total: int) -> None:
        """Raises ``Lost`` when the job was cancelled or taken over: then the work ends without a trace."""
        if done < total and time.monotonic() - self._written < WRITE_EVERY_S:
            return
        self._written = time.monotonic()
        if not self.held.update(done=min(done, total), total=total, heard_at=self.now):
            raise Lost(str(self.job))
        self.job.done, self.job.total = min(done, total), total


#: Does the work of one job and answers with its result, plain JSON; refuses with a ``DomainError``.
Work = Callable[[Job, Progress], Mapping[str, Any]]
_works: dict[str, Work] = {}
_followers: dict[str, list[tuple[str, str]]] = {}


def register_work(kind: str, work: Work) -> None:
    """State, once at start, who does the jobs of one kind."""
    _works[kind] = work


def register_follower(event: str, kind: str, title: str) -> None:
    """Whenever ``event`` happens, a job of ``kind`` follows it: so the left hands on work to the right."""
    if (kind, title) not in _followers.setdefault(event, []):
        _followers[event].append((kind, title))


def sees_jobs(actor: Any) -> Q:
    """One's own; those who keep the platform, and the auditors, see all."""
    if is_clock(actor) or has_role(actor, Role.PLATFORM_ADMIN, Role.AUDITOR):
        return Q()
    return Q(requested_by=actor)


def asked_for_it(actor: Any, job: Any) -> bool:
    return is_clock(actor) or actor.pk == job.requested_by_id or has_role(actor, Role.PLATFORM_ADMIN)


def only_the_clock(actor: Any, job: Any) -> bool:
    return is_clock(actor)


def asks_by_command(actor: Any, job: Any) -> bool:
    """The command that needs the work has asked who may."""
    return True


register(Job, view=sees_jobs, queue=asks_by_command, cancel=asked_for_it, retry=asked_for_it, run=only_the_clock)


def queue_job(kind: str, *, title: str, params: Mapping[str, Any], url: str = "", now: dt.datetime, actor: User) -> Job:
    """A job for the clock to pick up. Asked again while the same one waits or runs, that one is the answer."""
    require(actor, "queue", Job)
    job = Job(kind=kind, title=title[:160], params=dict(params), url=url, requested_by=actor, due_at=now)
    with transaction.atomic():
        User.objects.filter(pk=actor.pk).update(kind=F("kind"))  # of two requests at once one waits for the other
        asked = Job.objects.filter(kind=kind, requested_by=actor, state__in=["QUEUED", "RUNNING"])
        present = next((one for one in asked if one.params == job.params), None)
        if present is None:
            with recorded("governance.job.queue", actor=actor, subject=job, now=now):
                job.save(force_insert=True)
    return present or job


def follow(event: str, *, params: Mapping[str, Any], now: dt.datetime, actor: User) -> list[Job]:
    """The jobs that follow an event, queued in the caller's own transaction; ``params`` say what happened."""
    made = []
    for kind, title in _followers.get(event, []):
        job = Job(kind=kind, title=title, params=dict(params), requested_by=actor, due_at=now)
        with recorded("governance.job.queue", actor=actor, subject=job, now=now, reason=event):
            job.save(force_insert=True)
        made.append(job)
    return made


def claim_job(job: Job, *, now: dt.datetime, actor: User) -> Progress:
    """Take the job's turn: of several runners exactly one gets it, the others ``WrongState``."""
    require(actor, "run", job)
    with recorded("governance.job.start", actor=actor, subject=job, now=now):
        JOB.move(job, "start", started_at=now, heard_at=now, attempts=job.attempts + 1, done=0, error="")
    return Progress(job, now)


def run_job(job: Job, *, now: dt.datetime, actor: User) -> Job:
    """Do one job whole. What it refuses, and what breaks, ends it as FAILED with a sentence; others are not held up."""
    progress = claim_job(job, now=now, actor=actor)
    work = _works.get(job.kind)
    try:
        if work is None:
            raise WrongState(f"Nothing here does jobs of the kind '{job.kind}'.")
        result = work(job, progress)
    except Lost:
        log.info("job lost", job=str(job.pk), kind=job.kind)
    except DomainError as refusal:
        fail_job(job, progress, error=refusal.message, now=progress.now, actor=actor)
    except Exception as fault:
        log.exception("job broke", job=str(job.pk), kind=job.kind)
        said = f"It broke off ({type(fault).__name__}). The log has the details under job {job.pk}."
        fail_job(job, progress, error=said, now=progress.now, actor=actor)
    else:
        finish_job(job, progress, result=result, now=progress.now, actor=actor)
    job.refresh_from_db()
    return job


def still_ours(job: Job, progress: Progress, *, now: dt.datetime) -> bool:
    """Inside the ending's transaction: the row is held, and nobody has taken the job over."""
    if progress.held.update(heard_at=now):
        job.refresh_from_db()
        return True
    return False


def finish_job(job: Job, progress: Progress, *, result: Mapping[str, Any], now: dt.datetime, actor: User) -> None:
    """Done, with its result; nothing happens where another runner has it by now."""
    require(actor, "run", job)
    with recorded("governance.job.finish", actor=actor, subject=job, now=now):
        if still_ours(job, progress, now=now):
            JOB.move(job, "finish", result=dict(result), finished_at=now, done=job.total)
            tell_who_left(job, f"{job.title} is done.", "job.done", now=now)


def fail_job(job: Job, progress: Progress, *, error: str, now: dt.datetime, actor: User) -> None:
    """Ended without a result, with a sentence on why."""
    require(actor, "run", job)
    with recorded("governance.job.fail", actor=actor, subject=job, now=now, reason=error):
        if still_ours(job, progress, now=now):
            JOB.move(job, "fail", error=error[:500], finished_at=now)
            tell_who_left(job, f"{job.title} failed: {error}", "job.failed", now=now)


def tell_who_left(job: Job, message: str, kind: str, *, now: dt.datetime) -> None:
    """Who still looks sees it on the page; who has waited long is told."""
    if job.requested_by.is_person and now - job.created_at > PATIENCE:
        give_notices([job.requested_by], kind, message, url=page_of(job), now=now)


def page_of(job: Job) -> str:
    return reverse("governance:job", kwargs={"pk": job.pk})


def cancel_job(job: Job, *, now: dt.datetime, actor: User) -> Job:
    """Stop it: one that runs ends at its next step, and its result is not kept."""
    require(actor, "cancel", job)
    with recorded("governance.job.cancel", actor=actor, subject=job, now=now):
        JOB.move(job, "cancel", finished_at=now)
    return job


def retry_job(job: Job, *, now: dt.datetime, actor: User) -> Job:
    """Begin a failed one again, from the start and with all its attempts."""
    require(actor, "retry", job)
    if job.state != "FAILED":
        raise WrongState(f"{job} is {job.get_state_display().lower()}: only what failed is begun again.")
    with recorded("governance.job.retry", actor=actor, subject=job, now=now):
        JOB.move(job, "requeue", due_at=now, attempts=0, done=0, error="", finished_at=None)
    return job


def recover_jobs(*, now: dt.datetime, actor: User) -> int:
    """Jobs whose runner died wait again; what died so often that it will not end by itself is failed."""
    found = 0
    for job in Job.objects.abandoned(now - SILENCE):
        verb, error, values = "requeue", "", {"due_at": now}
        if job.attempts >= MOST_ATTEMPTS:
            error = f"It was begun {job.attempts} times and its runner stopped each time. Ask the platform's operators."
            verb, values = "fail", {"finished_at": now}
        try:
            with recorded("governance.job.recover", actor=actor, subject=job, now=now, reason=error):
                JOB.move(job, verb, error=error, **values)
        except WrongState:
            continue  # another recovered it, or it ended after all
        found += 1
    return found


_one_at_a_time = threading.Lock()


def run_due_jobs(*, clock: Callable[[], dt.datetime], actor: User, limit: int = 20) -> int:
    """The clock: recover what died, then one due job after the other; how many were run here.

    One process runs one job at a time: the rest of its threads are for what must not wait.
    """
    if not _one_at_a_time.acquire(blocking=False):
        return 0
    try:
        recover_jobs(now=clock(), actor=actor)
        done = 0
        for job in Job.objects.due(clock()).select_related("requested_by")[:limit]:
            try:
                run_job(job, now=clock(), actor=actor)
                done += 1
            except WrongState:
                continue  # another runner was faster
        return done
    finally:
        _one_at_a_time.release()
