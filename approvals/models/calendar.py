"""When nothing may move, when it best does, and when it better does not."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from catalog.models import Domain, Facility, System
from catalog.models.places import known_zone
from governance.models import Record, User


class CalendarKind(models.TextChoices):
    BLACKOUT = "BLACKOUT", "Freeze"
    MAINTENANCE = "MAINTENANCE", "Maintenance window"
    QUIET = "QUIET", "Quiet time"


class CalendarEntryQuerySet(models.QuerySet):
    def standing(self):
        """Those that were not taken back."""
        return self.filter(withdrawn_at=None)

    def perhaps_touching(self, start, end):
        """Standing entries that overlap the time from ``start`` to ``end``, and those that repeat and began by then.

        Which occurrence of what repeats touches a time, its rule says. The clocks may move a first occurrence.
        """
        once = Q(starts_at__lt=end, ends_at__gt=start, rrule="")
        repeated = ~Q(rrule="") & Q(starts_at__lt=end + dt.timedelta(days=1))
        return self.standing().filter(once | repeated)


class CalendarEntry(Record):
    """A freeze, a maintenance window or a quiet time (payroll, month end), for all or for a domain, facility or system.

    ``starts_at`` and ``ends_at`` are the first occurrence. A rule (RFC 5545 RRULE) repeats it on the wall clock of
    ``zone``, so that 02:00 stays 02:00 when the clocks change.
    """

    kind = models.CharField(max_length=12, choices=CalendarKind)
    name = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    zone = models.CharField(max_length=60, default="UTC", validators=[known_zone])
    rrule = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, null=True, blank=True, related_name="calendar")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, null=True, blank=True, related_name="calendar")
    system = models.ForeignKey(System, on_delete=models.PROTECT, null=True, blank=True, related_name="calendar")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "calendar entries"
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="entry_ends_after_start"),
            models.CheckConstraint(
                condition=(Q(domain=None, facility=None) | Q(domain=None, system=None) | Q(facility=None, system=None)),
                name="entry_has_one_scope_at_most",
                violation_error_message="A calendar entry is for everything, or for one domain, facility or system.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> Domain | Facility | System | None:
        """What it is for; None is everything."""
        return self.domain or self.facility or self.system

    @property
    def scoped(self) -> bool:
        return bool(self.domain_id or self.facility_id or self.system_id)


class CalendarFeed(Record):
    """A person's secret address of the calendar, for the calendar programs that cannot sign in.

    The secret itself is not kept, only its hash; a new address or none at all makes the old one worthless.
    """

    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    audit_excluded = ("digest",)

    def __str__(self) -> str:
        return f"Calendar feed of {self.person}"
