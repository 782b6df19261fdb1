"""What probes measured: one row a check, and its sums per minute, hour and day."""

from django.db import models
from django.db.models import F, Q

from ..lifecycle import STATES
from .probes import Probe


class MeasurementQuerySet(models.QuerySet):
    def between(self, start, end):
        return self.filter(at__gte=start, at__lt=end)


class Measurement(models.Model):
    """One check, as it was found. Only ever added; forgotten as a whole when the raw retention is over."""

    id = models.BigAutoField(primary_key=True)
    # The composite index below serves look-ups by probe; a second one would only slow the inserts.
    probe = models.ForeignKey(Probe, on_delete=models.PROTECT, related_name="measurements", db_index=False)
    at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=8, choices=STATES)
    latency_ms = models.FloatField(null=True, blank=True)
    dns_ms = models.FloatField(null=True, blank=True)
    connect_ms = models.FloatField(null=True, blank=True)
    tls_ms = models.FloatField(null=True, blank=True)
    ttfb_ms = models.FloatField(null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=24, blank=True)

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["probe", "at"], name="measurement_of_probe")]

    def __str__(self) -> str:
        return f"{self.state} at {self.at:%Y-%m-%d %H:%M:%S}"


class Period(models.IntegerChoices):
    MINUTE = 60, "Minute"
    HOUR = 3_600, "Hour"
    DAY = 86_400, "Day"


class Rollup(models.Model):
    """The checks of one probe in one period. Counts and the latency histogram add up; percentiles never do."""

    id = models.BigAutoField(primary_key=True)
    probe = models.ForeignKey(Probe, on_delete=models.PROTECT, related_name="rollups", db_index=False)
    period = models.PositiveIntegerField(choices=Period)
    start = models.DateTimeField()
    n = models.PositiveIntegerField()
    up = models.PositiveIntegerField()
    down = models.PositiveIntegerField()
    histogram = models.JSONField(default=dict)
    min_ms = models.FloatField(null=True, blank=True)
    max_ms = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["probe", "period", "start"], name="one_rollup_per_period"),
            models.CheckConstraint(condition=Q(n__gte=F("up") + F("down")), name="rollup_counts_add_up"),
        ]
        indexes = [models.Index(fields=["period", "start"], name="rollup_by_time")]

    def __str__(self) -> str:
        return f"{self.n} checks from {self.start:%Y-%m-%d %H:%M}"
