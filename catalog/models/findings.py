"""What was found wrong with an interface against policy: kept until it is fixed, waived or shown to be none."""

from django.db import models
from django.db.models import Case, Q, When

from governance.models import Record

from ..lifecycle import FINDING
from .interfaces import Interface


class Severity(models.TextChoices):
    ERROR = "ERROR", "Error"
    WARNING = "WARNING", "Warning"
    NOTE = "NOTE", "Note"


class FindingQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state="OPEN")

    def blocking(self):
        return self.filter(state="OPEN", severity=Severity.ERROR)

    def ranked(self):
        """With ``rank`` (0 for errors, 1 for warnings, 2 for notes) and ``standing`` (0 open, 1 waived, 2 settled)."""
        severities = [When(severity=word, then=place) for place, word in enumerate(Severity.values)]
        states = [When(state=word, then=place) for place, word in enumerate(("OPEN", "WAIVED"))]
        return self.annotate(
            rank=Case(*severities, default=len(severities), output_field=models.IntegerField()),
            standing=Case(*states, default=len(states), output_field=models.IntegerField()),
        )

    def worst_first(self):
        return self.ranked().order_by("standing", "rank", "-found_at")


class Finding(Record):
    """One contradiction between an interface and a policy; a waiver names its stable ``code`` and ``fingerprint``."""

    interface = models.ForeignKey(Interface, on_delete=models.PROTECT, related_name="findings")
    code = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64)
    severity = models.CharField(max_length=8, choices=Severity)
    message = models.CharField(max_length=400)
    details = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=120, help_text="What found it, such as pattern_verdict 1.1.")
    state = models.CharField(max_length=14, choices=FINDING.choices, default=FINDING.initial)
    waiver = models.CharField(max_length=16, blank=True, help_text="The key of the waiver that covers it.")
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["interface", "fingerprint"],
                condition=Q(state__in=["OPEN", "WAIVED"]),
                name="one_live_finding_per_fingerprint",
            )
        ]
        indexes = [models.Index(fields=["state", "severity"], name="findings_by_state")]

    def __str__(self) -> str:
        return f"{self.interface.key} {self.code}"
