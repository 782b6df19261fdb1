"""The contract of an interface: in which format it promises, and how strictly versions follow each other."""

from django.db import models

from catalog.models import Interface
from governance.models import Record, Team

from .words import CompatibilityMode, FormatName


class ContractQuerySet(models.QuerySet):
    def with_parties(self):
        return self.select_related("interface__provider__domain", "steward")


class Contract(Record):
    """One promise per interface, known by the interface's key."""

    key = models.CharField(max_length=24, unique=True)
    interface = models.OneToOneField(Interface, on_delete=models.PROTECT, related_name="contract")
    format = models.CharField(max_length=16, choices=FormatName, default=FormatName.JSON_SCHEMA)
    mode = models.CharField(max_length=20, choices=CompatibilityMode, default=CompatibilityMode.BACKWARD)
    steward = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="stewards")

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key} contract"
