"""Versions of a contract, and what the comparison said about each."""

import json

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from governance.models import Record, User

from ..lifecycle import COMING, RELIED_ON, VERSION
from .contracts import Contract
from .documents import Document
from .words import LevelWord, VerdictWord


class ContractVersionQuerySet(models.QuerySet):
    def published(self):
        return self.filter(state="PUBLISHED")

    def relied_on(self):
        return self.filter(state__in=RELIED_ON)

    def coming(self):
        return self.filter(state__in=COMING)

    def newest_first(self):
        return self.order_by("-major", "-minor", "-patch")


class ContractVersion(Record):
    """One numbered document. Its content is fixed from IN_REVIEW on; at most one version is PUBLISHED."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=40)
    major = models.PositiveIntegerField()
    minor = models.PositiveIntegerField()
    patch = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=VERSION.choices, default=VERSION.initial, db_index=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    level = models.CharField(max_length=8, choices=LevelWord, default=LevelWord.NONE)
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="declared_versions")
    notes = models.TextField(blank=True, max_length=4000)
    published_at = models.DateTimeField(null=True, blank=True)
    sunset_on = models.DateField(null=True, blank=True)

    objects = ContractVersionQuerySet.as_manager()

    class Meta:
        ordering = ["contract", "-major", "-minor", "-patch"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "version"], name="version_number_once_per_contract"),
            models.UniqueConstraint(
                fields=["contract"], condition=Q(state="PUBLISHED"), name="one_published_version_per_contract"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=RELIED_ON) | Q(published_at__isnull=False), name="published_version_says_when"
            ),
            models.CheckConstraint(
                condition=~Q(state="DEPRECATED") | Q(sunset_on__isnull=False), name="deprecated_version_has_a_sunset"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.key} {self.version}"

    @property
    def number(self) -> tuple[int, int, int]:
        return (self.major, self.minor, self.patch)


class CompatibilityReport(Record):
    """The result document of a version's comparison, as canonical bytes with their hash: kept as evidence."""

    version = models.OneToOneField(ContractVersion, on_delete=models.CASCADE, related_name="report")
    verdict = models.CharField(max_length=10, choices=VerdictWord)
    level = models.CharField(max_length=8, choices=LevelWord)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    audit_excluded = ("content",)

    def __str__(self) -> str:
        return f"{self.verdict} ({self.level})"

    @cached_property
    def result(self) -> dict:
        """The result document, as it was answered."""
        return {**json.loads(bytes(self.content)), "sha256": self.sha256}
