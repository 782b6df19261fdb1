"""Status changes: the outbox row from which owners are told."""

from django.db import models
from django.db.models import Q

from ..lifecycle import OUTCOMES, STATES
from .probes import Probe


class StatusChangeQuerySet(models.QuerySet):
    def due(self, now):
        return self.filter(announced_at__isnull=True, due_at__lte=now)


class StatusChange(models.Model):
    """A probe went from one state to another; ``due_at`` is when its owners are told, unless it is over by then."""

    id = models.BigAutoField(primary_key=True)
    probe = models.ForeignKey(Probe, on_delete=models.PROTECT, related_name="changes", db_index=False)
    from_state = models.CharField(max_length=8, choices=STATES)
    to_state = models.CharField(max_length=8, choices=STATES)
    at = models.DateTimeField()
    reason = models.CharField(max_length=24, blank=True)
    due_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=6, choices=OUTCOMES, blank=True)

    objects = StatusChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(announced_at__isnull=True), name="status_change_due"),
            models.Index(fields=["probe", "at"], name="status_change_of_probe"),
        ]

    def __str__(self) -> str:
        return f"{self.from_state} to {self.to_state} at {self.at:%Y-%m-%d %H:%M:%S}"
