"""Where things are: facilities with their clocks, and domains, the containers that rights are granted on."""

from django.core.exceptions import ValidationError
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from governance.models import Record

from .words import DomainKey, FacilityKind


def known_zone(name: str) -> None:
    from zoneinfo import available_timezones  # read from disk once, when a facility is written

    if name not in available_timezones():
        raise ValidationError(f"'{name}' is not an IANA time zone such as America/Chicago.")


class Facility(Record):
    """A hospital, clinic, laboratory or office, with the time zone of its business calendar."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=FacilityKind)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")
    timezone = models.CharField(max_length=60, default="UTC", validators=[known_zone])

    class Meta:
        verbose_name_plural = "facilities"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="facility_is_not_its_own_parent")
        ]

    def __str__(self) -> str:
        return self.name


class FacilityUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Facility, on_delete=models.CASCADE)


class FacilityGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Facility, on_delete=models.CASCADE)


class Domain(Record):
    """A part of the business that owns systems; teams hold their rights on it, never on single interfaces."""

    key = models.CharField(max_length=12, choices=DomainKey, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["key"]
        permissions = [
            ("see_interfaces", "Can see the domain's systems and interfaces"),
            ("propose_interfaces", "Can register systems and interfaces and edit drafts"),
            ("decide_patterns", "Can decide patterns where the domain architect decides"),
            ("see_addresses", "Can see endpoint addresses"),
        ]

    def __str__(self) -> str:
        return self.name


class DomainUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Domain, on_delete=models.CASCADE)


class DomainGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Domain, on_delete=models.CASCADE)
