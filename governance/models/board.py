"""The board: who sits for which constituency, and who acts in whose place."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from .records import Record


class Constituency(models.TextChoices):
    CLINICAL_IT = "CLINICAL_IT", "Clinical IT"
    ERP = "ERP", "ERP"
    SECURITY = "SECURITY", "Security"
    DATA_GOVERNANCE = "DATA_GOVERNANCE", "Data governance"
    OPERATIONS = "OPERATIONS", "Operations"


class Board(Record):
    """A body that decides together; the demo has one, the integration governance board."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        permissions = [("chair_board", "Can chair the board")]

    def __str__(self) -> str:
        return self.name


class BoardUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Board, on_delete=models.CASCADE)


class BoardGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Board, on_delete=models.CASCADE)


class BoardSeatQuerySet(models.QuerySet):
    def in_term(self, now):
        return self.filter(Q(until__isnull=True) | Q(until__gt=now), since__lte=now)


class BoardSeat(Record):
    """One constituency's seat: its member, an alternate who votes in the member's absence, and the term."""

    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="seats")
    constituency = models.CharField(max_length=20, choices=Constituency)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="seats")
    alternate = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="alternate_seats",
        null=True,
        blank=True,
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    objects = BoardSeatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["board", "constituency"], condition=Q(until__isnull=True), name="one_open_seat"
            ),
            models.CheckConstraint(condition=~Q(member=F("alternate")), name="alternate_is_another_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_constituency_display()} ({self.member})"


class Delegation(Record):
    """A person's votes, lent to another for at most 30 days; one hop, never to oneself."""

    giver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_given")
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_taken")
    scope = models.CharField(max_length=40, blank=True, help_text="One constituency or role; empty for all.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="no_delegation_to_oneself"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="delegation_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.taker} for {self.giver}"
