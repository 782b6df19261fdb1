"""Long work that can be left and returned to: a row that the clock picks up, with its progress and its result."""

from django.db import models
from django.db.models import F, Q

from ..lifecycle import JOB
from .people import User
from .records import Record


class JobQuerySet(models.QuerySet):
    def due(self, now):
        return self.filter(state="QUEUED", due_at__lte=now).order_by("due_at")

    def abandoned(self, before):
        """Begun, and not heard of since ``before``: their worker is gone."""
        return self.filter(state="RUNNING", heard_at__lt=before)


class Job(Record):
    """One piece of work: ``kind`` names the function, ``params`` its primitives, ``done`` of ``total`` its progress."""

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=160)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JOB.choices, default=JOB.initial)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=200, blank=True, help_text="The page that shows the result.")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="jobs")
    due_at = models.DateTimeField(db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = JobQuerySet.as_manager()

    audit_excluded = ("done", "heard_at", "result")

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.CheckConstraint(condition=Q(done__lte=F("total")), name="no_more_done_than_there_is")]
        indexes = [models.Index(fields=["state", "due_at"], name="jobs_due")]

    def __str__(self) -> str:
        return self.title

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0
