"""Who answers for an interface: a team or a person, per kind of ownership, from then until then."""

from django.db import models
from django.db.models import Q

from governance.models import Record, Team, User

from .interfaces import Interface
from .words import OwnerKind


class OwnerAssignmentQuerySet(models.QuerySet):
    def current(self):
        return self.filter(until__isnull=True)


class OwnerAssignment(Record):
    """Exactly one of team and person; ended, never deleted."""

    interface = models.ForeignKey(Interface, on_delete=models.PROTECT, related_name="owners")
    kind = models.CharField(max_length=16, choices=OwnerKind)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="owns")
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="owns")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    objects = OwnerAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["kind"]
        constraints = [
            models.CheckConstraint(
                condition=Q(team__isnull=True, person__isnull=False) | Q(team__isnull=False, person__isnull=True),
                name="owner_is_team_or_person",
                violation_error_message="Name exactly one of team and person.",
            ),
            models.UniqueConstraint(
                fields=["interface", "kind"], condition=Q(until__isnull=True), name="one_current_owner_per_kind"
            ),
        ]
        # What somebody owns now decides what they see: read from the index alone.
        indexes = [
            models.Index(fields=["person", "interface"], condition=Q(until__isnull=True), name="owned_by_person"),
            models.Index(fields=["team", "interface"], condition=Q(until__isnull=True), name="owned_by_team"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.owner}"

    @property
    def owner(self) -> Team | User | None:
        return self.team or self.person
