"""Decision tables as rows: what the board has decided in advance."""

from django.db import models
from django.db.models import Q

from ..lifecycle import DECISION_TABLE
from .people import User
from .records import Record


class DecisionTableQuerySet(models.QuerySet):
    def active(self):
        return self.filter(state="ACTIVE")

    def due(self, now):
        """Approved versions whose day has come."""
        return self.filter(state="APPROVED", effective_from__lte=now)


class DecisionTable(Record):
    """One version of one table. Its rules are rows of their own, so that one rule can be changed and compared."""

    key = models.SlugField(max_length=60)
    version = models.CharField(max_length=20)
    title = models.CharField(max_length=120, blank=True)
    hit = models.CharField(max_length=2)
    inputs = models.JSONField(default=list)
    outputs = models.JSONField(default=list)
    accepted_gaps = models.JSONField(default=list, blank=True, help_text="Gaps left on purpose, each with its reason.")
    state = models.CharField(max_length=12, choices=DECISION_TABLE.choices, default=DECISION_TABLE.initial)
    content_hash = models.CharField(max_length=64, blank=True)
    effective_from = models.DateTimeField(null=True, blank=True)
    effective_to = models.DateTimeField(null=True, blank=True)
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="drafts")
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="drafted_tables")
    impact = models.JSONField(default=dict, blank=True, help_text="What publishing would change, as last computed.")
    impact_hash = models.CharField(max_length=64, blank=True)

    objects = DecisionTableQuerySet.as_manager()
    audit_excluded = ("impact",)

    class Meta:
        ordering = ["key", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="table_version_once"),
            models.UniqueConstraint(fields=["key"], condition=Q(state="ACTIVE"), name="one_active_version_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.version}"


class DecisionRule(models.Model):
    """One row of a table: cells of unary tests, outputs, and the reason that people are shown."""

    table = models.ForeignKey(DecisionTable, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveIntegerField()
    rule_id = models.CharField(max_length=40)
    when = models.JSONField(default=dict)
    then = models.JSONField(default=dict)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["table", "rule_id"], name="rule_id_once_per_table"),
            models.UniqueConstraint(fields=["table", "position"], name="rule_position_once_per_table"),
        ]

    def __str__(self) -> str:
        return f"{self.table_id}/{self.rule_id}"


class TableTestCase(Record):
    """Facts, and what the table must say of them: the version is not published while one of its cases fails."""

    table = models.ForeignKey(DecisionTable, on_delete=models.CASCADE, related_name="test_cases")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=160)
    facts = models.JSONField(default=dict)
    expect = models.JSONField(default=dict, help_text="output, rules, or both.")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["table", "position"], name="test_case_position_once_per_table"),
            models.UniqueConstraint(fields=["table", "name"], name="test_case_name_once_per_table"),
        ]

    def __str__(self) -> str:
        return self.name
