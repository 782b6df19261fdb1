"""Systems and where their instances run."""

from django.db import models
from django.db.models import Q

from governance.models import Record, Team

from .places import Domain, Facility
from .words import Disposition, Environment, Hosting, SystemKind


class System(Record):
    """An application of the estate or of a partner; what it speaks decides which patterns fit."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    vendor = models.CharField(max_length=80, blank=True)
    product = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=20, choices=SystemKind)
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="systems")
    owner_team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="systems")
    speaks = models.JSONField(default=list, blank=True)
    hosting = models.CharField(max_length=12, choices=Hosting, default=Hosting.ON_PREM)
    data_classes = models.JSONField(default=list, blank=True)
    tier = models.PositiveSmallIntegerField(default=3)
    disposition = models.CharField(max_length=8, choices=Disposition, default=Disposition.SUSTAIN)
    strategy = models.TextField(blank=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors")
    baa_reference = models.CharField(max_length=80, blank=True)
    baa_expires_on = models.DateField(null=True, blank=True)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(tier__lte=4), name="system_tier_0_to_4"),
            models.CheckConstraint(condition=~Q(successor=models.F("id")), name="system_is_not_its_own_successor"),
        ]

    def __str__(self) -> str:
        return self.name


class SystemInstance(Record):
    """One running installation: which environment, and for which facility (none: enterprise-wide)."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="instances")
    environment = models.CharField(max_length=5, choices=Environment)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, null=True, blank=True, related_name="instances")
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["system", "environment", "facility"], name="one_instance_per_place"),
            # A null facility means enterprise-wide, and SQLite has no NULLS NOT DISTINCT.
            models.UniqueConstraint(
                fields=["system", "environment"],
                condition=Q(facility__isnull=True),
                name="one_enterprise_wide_instance",
            ),
        ]

    def __str__(self) -> str:
        return self.name
