"""The board's meetings: what is looked at in which order, what was decided, and the minutes that say so."""

import datetime as dt

from django.db import models
from django.db.models import Q

from governance.models import Board, Record, User

from ..lifecycle import AGENDA_ITEM, MEETING
from .requests import ChangeRequest
from .votes import SignMethod


class Meeting(Record):
    """One sitting of a board. ``filter`` is the question that fills its agenda; the minutes are fixed by their hash."""

    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="meetings")
    title = models.CharField(max_length=160)
    starts_at = models.DateTimeField()
    minutes_planned = models.PositiveSmallIntegerField(default=60)
    chair = models.ForeignKey(User, on_delete=models.PROTECT, related_name="chairs")
    filter = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=MEETING.choices, default=MEETING.initial)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    minutes = models.JSONField(default=dict, blank=True)
    minutes_hash = models.CharField(max_length=64, blank=True)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="signed_meetings")
    signed_name = models.CharField(max_length=160, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    sign_method = models.CharField(max_length=8, choices=SignMethod, blank=True)
    signature = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="SIGNED") | (Q(signed_at__isnull=False) & ~Q(minutes_hash="")),
                name="signed_minutes_have_a_hash",
            )
        ]

    def __str__(self) -> str:
        return self.title


class AttendanceQuerySet(models.QuerySet):
    def in_order(self):
        """As people came; who came together stands by constituency."""
        return self.select_related("person").order_by("came_at", "constituency", "person__username")


class Attendance(Record):
    """Someone who sat in a meeting, from then until then."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="attendances")
    constituency = models.CharField(max_length=20, blank=True)
    came_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ["came_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person"], condition=Q(left_at=None), name="one_presence_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return str(self.person)


class AgendaItem(Record):
    """One change on an agenda: its place, its timebox, and what came of it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="agenda")
    change = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="agenda_items")
    position = models.PositiveSmallIntegerField()
    timebox_s = models.PositiveIntegerField(default=600)
    state = models.CharField(max_length=10, choices=AGENDA_ITEM.choices, default=AGENDA_ITEM.initial)
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    notes = models.TextField(blank=True)
    decision = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "change"], name="change_once_per_agenda"),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(state="CURRENT"), name="one_current_item_per_meeting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.change.key}"

    @property
    def consent(self) -> bool:
        """It needs no discussion: it has no time of its own, and goes by everybody's own vote."""
        return self.timebox_s == 0

    def elapsed_s(self, now: dt.datetime) -> int:
        """Seconds for which it was, or has been, discussed; 0 while nobody has begun it."""
        return max(0, int(((self.ended_at or now) - self.began_at).total_seconds())) if self.began_at else 0

    def over_s(self, now: dt.datetime) -> int:
        """Seconds beyond its timebox."""
        return max(0, self.elapsed_s(now) - self.timebox_s) if self.timebox_s else 0
