"""When nothing may move, and when it best does."""

from django.db import models
from django.db.models import F, Q

from catalog.models import Domain
from governance.models import Record


class CalendarKind(models.TextChoices):
    BLACKOUT = "BLACKOUT", "Freeze"
    MAINTENANCE = "MAINTENANCE", "Maintenance window"


class CalendarEntryQuerySet(models.QuerySet):
    def freezes(self):
        return self.filter(kind=CalendarKind.BLACKOUT)

    def touching(self, start, end):
        """Entries that overlap the half-open interval from ``start`` to ``end``."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class CalendarEntry(Record):
    """A freeze or a maintenance window, for one domain or (none) for everything."""

    kind = models.CharField(max_length=12, choices=CalendarKind)
    name = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, null=True, blank=True, related_name="calendar")

    objects = CalendarEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "calendar entries"
        ordering = ["starts_at"]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="entry_ends_after_start")]

    def __str__(self) -> str:
        return self.name
