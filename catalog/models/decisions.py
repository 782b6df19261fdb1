"""Decisions, kept as they were made: the facts, the tables' versions, the verdicts and who said so. Immutable."""

from django.db import models

from governance.models import Record, User

from .interfaces import Interface


class DecisionRecord(Record):
    """Which pattern was decided for an interface, on which facts, under which versions of the tables."""

    interface = models.ForeignKey(Interface, on_delete=models.PROTECT, related_name="decisions")
    facts = models.JSONField()
    facts_hash = models.CharField(max_length=64)
    tables = models.JSONField()
    verdicts = models.JSONField()
    chosen = models.JSONField()
    deviation = models.CharField(max_length=16)
    decider = models.CharField(max_length=40)
    forum = models.CharField(max_length=20)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="decisions")
    decided_at = models.DateTimeField()
    rationale = models.TextField()
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )

    class Meta:
        ordering = ["-decided_at"]

    def __str__(self) -> str:
        return f"Decision on {self.interface.key}: {', '.join(self.chosen)}"
