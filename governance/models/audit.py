"""The record nobody can argue with: append-only, chained by hash, sealed with a key outside the database.

Triggers (``governance/domain/audit_triggers.py``) refuse UPDATE, DELETE, TRUNCATE and INSERT OR REPLACE in the
database itself. Type, id and label of a subject are text, so that the record survives what it speaks of.
"""

from django.db import models


class AuditEvent(models.Model):
    """One thing that was done: by whom, for whom, through which door, to what, from what to what, and why."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    recorded_at = models.DateTimeField()
    actor_id = models.CharField(max_length=36, db_index=True)
    actor_label = models.CharField(max_length=160)
    on_behalf_of_id = models.CharField(max_length=36, blank=True)
    on_behalf_of_label = models.CharField(max_length=160, blank=True)
    via = models.CharField(max_length=4)
    request_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=80, db_index=True)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=200)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    mandate = models.CharField(max_length=80, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["seq"]
        indexes = [models.Index(fields=["subject_type", "subject_id", "seq"], name="audit_by_subject")]

    def __str__(self) -> str:
        return f"{self.seq} {self.action} {self.subject_label}"


class AuditHead(models.Model):
    """The chain's last link, one row; touching it is the lock that orders appends."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_audit_head")]

    def __str__(self) -> str:
        return f"head at {self.seq}"


class AuditSeal(models.Model):
    """A signature over the chain up to ``seq``; exported, so that a recomputed or cut chain shows."""

    seq = models.BigIntegerField(primary_key=True)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    signature = models.CharField(max_length=128)

    class Meta:
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"seal at {self.seq}"
