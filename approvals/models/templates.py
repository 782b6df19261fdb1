"""Standard changes: what has gone well often enough to be approved in advance."""

from django.db import models

from governance.models import Record, User

from ..lifecycle import TEMPLATE
from .requests import ChangeRequest, ChangeType


class StandardChangeTemplate(Record):
    """What may be changed without a vote: the allow-listed fields with their ranges, grown from successful samples.

    ``allowed`` maps a field to its range: ``{"volume_day": {"min": 1, "max": 5000}, "trigger": {"any": true}}``,
    ``{"values": [...]}`` for a list of choices.
    """

    key = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=160)
    change_type = models.CharField(max_length=24, choices=ChangeType)
    allowed = models.JSONField(default=dict)
    tiers = models.JSONField(default=list, help_text="The tiers of the interfaces that it may touch; empty: all.")
    plan = models.TextField()
    backout = models.TextField()
    samples = models.ManyToManyField(ChangeRequest, related_name="sample_of")
    state = models.CharField(max_length=10, choices=TEMPLATE.choices, default=TEMPLATE.initial)
    content_hash = models.CharField(max_length=64, blank=True)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="drafted_templates")
    approved_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
