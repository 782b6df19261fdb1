"""What came of a change: the review after it, and what it adds to its team's history."""

from django.db import models
from django.db.models import Q

from governance.models import Record, User

from .requests import ChangeRequest, Outcome


class Review(Record):
    """The post-implementation review of one change."""

    change = models.OneToOneField(ChangeRequest, on_delete=models.PROTECT, related_name="review")
    outcome = models.CharField(max_length=24, choices=Outcome)
    met_its_aim = models.BooleanField(default=True)
    what_happened = models.TextField(blank=True)
    lessons = models.TextField(blank=True)
    p1 = models.PositiveSmallIntegerField(default=0, help_text="Incidents of priority 1 that it caused.")
    p2 = models.PositiveSmallIntegerField(default=0)
    p3 = models.PositiveSmallIntegerField(default=0)
    score = models.SmallIntegerField()
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reviews")
    reviewed_at = models.DateTimeField()

    class Meta:
        ordering = ["-reviewed_at"]
        constraints = [models.CheckConstraint(condition=Q(score__range=(-500, 10)), name="score_is_plausible")]

    def __str__(self) -> str:
        return f"Review of {self.change.key}"


class EmergencyBlock(Record):
    """A team that left an emergency unratified opens no further ones, until the block is lifted."""

    team = models.ForeignKey("governance.Team", on_delete=models.PROTECT, related_name="emergency_blocks")
    because = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="blocks")
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="lifted_blocks")
    lifted_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "because"], condition=Q(lifted_at=None), name="one_open_block_per_cause"
            )
        ]

    def __str__(self) -> str:
        return f"{self.team} is blocked because of {self.because.key}"
