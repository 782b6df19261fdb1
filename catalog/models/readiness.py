"""What must be true before an interface may move on, written by whoever knows it."""

from django.db import models

from governance.models import Record

from .interfaces import Interface


class ReadinessFact(Record):
    """One requirement of one interface: satisfied or not, why, who says so, and until when. No row means no."""

    interface = models.ForeignKey(Interface, on_delete=models.PROTECT, related_name="readiness")
    requirement = models.CharField(max_length=40)
    satisfied = models.BooleanField()
    reason = models.CharField(max_length=300)
    source = models.CharField(max_length=120)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["requirement"]
        constraints = [models.UniqueConstraint(fields=["interface", "requirement"], name="one_fact_per_requirement")]

    def __str__(self) -> str:
        said = "yes" if self.satisfied else "no"
        return f"{self.interface.key} {self.requirement.replace('_', ' ')}: {said}"
