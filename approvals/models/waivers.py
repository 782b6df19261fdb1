"""Waivers: what the board tolerates for a time, with a control in its place and someone who mends it."""

from django.db import models
from django.db.models import F, Q

from catalog.models import Finding, Interface
from governance.models import Record, User

from ..lifecycle import WAIVER


class WaiverKind(models.TextChoices):
    DEVIATION = "DEVIATION", "A pattern that policy prohibits or discourages"
    FINDING = "FINDING", "A finding against policy"
    COMPATIBILITY = "COMPATIBILITY", "A breaking change of a contract"
    NOT_ANALYSED = "NOT_ANALYSED", "A contract that could not be analysed"
    RESILIENCE = "RESILIENCE", "An obligation of the tier"


class WaiverQuerySet(models.QuerySet):
    def in_force(self, now):
        return self.filter(state="ACTIVE", expires_at__gt=now)

    def expired_by(self, now):
        return self.filter(state__in=["APPROVED", "ACTIVE"], expires_at__lte=now)


class Waiver(Record):
    """``covers`` names what is tolerated: a pattern, a finding's or change's fingerprint, or an obligation."""

    key = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=14, choices=WaiverKind)
    interface = models.ForeignKey(Interface, on_delete=models.PROTECT, related_name="waivers")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, blank=True, related_name="waivers")
    covers = models.CharField(max_length=80)
    prohibited = models.BooleanField(default=False, help_text="Tolerates what policy prohibits: 180 days at most.")
    justification = models.TextField()
    compensating_control = models.TextField()
    remediation = models.TextField()
    remediation_owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="remediates")
    remediation_due = models.DateField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="requested_waivers")
    requested_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField(help_text="How long it is in force.")
    starts_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)
    state = models.CharField(max_length=10, choices=WAIVER.choices, default=WAIVER.initial)
    renewed_at = models.DateTimeField(null=True, blank=True, help_text="The one renewal without the board.")
    renewed_until = models.DateTimeField(null=True, blank=True)
    notified_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The last notice: 30, 7 or 0.")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = WaiverQuerySet.as_manager()

    audit_excluded = ("notified_days",)

    class Meta:
        ordering = ["expires_at"]
        constraints = [
            models.CheckConstraint(condition=Q(days__range=(1, 365)), name="waiver_lasts_a_year_at_most"),
            models.CheckConstraint(
                condition=Q(prohibited=False) | Q(days__lte=180), name="waiver_of_the_prohibited_lasts_180_days"
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("starts_at")), name="waiver_expires_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(state="ACTIVE") | Q(expires_at__isnull=False), name="a_waiver_in_force_expires"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.interface.key}: {self.covers}"
