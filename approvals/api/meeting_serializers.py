"""Meetings, agendas, attendance and minutes as the API speaks of them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.models import DomainKey
from governance.doors.api import Strict
from governance.models import Constituency

from ..domain.minutes import minutes_hold, signature_holds
from ..models import AgendaItem, Attendance, ChangeClass, Meeting
from .serializers import BallotSerializer, SignatureSerializer


class AgendaFilterSerializer(Strict, serializers.Serializer):
    """Which of the changes that wait for votes belong on the agenda; what is left out asks nothing."""

    risk_min = serializers.IntegerField(min_value=1, max_value=25, required=False)
    classes = serializers.ListField(child=serializers.ChoiceField(ChangeClass.choices), required=False)
    domains = serializers.ListField(child=serializers.ChoiceField(DomainKey.choices), required=False)
    lead_left_h = serializers.IntegerField(
        min_value=0, max_value=10_000, required=False, help_text="The lead time ends within so many hours."
    )
    undecided_by = serializers.ChoiceField(Constituency.choices, required=False, help_text="Whose word is missing.")
    stale = serializers.BooleanField(required=False, help_text="A revision asks again who had voted.")
    no_discussion_up_to = serializers.IntegerField(
        min_value=0, max_value=25, required=False,
        help_text="What has at most this risk, no vote of the whole board and no doubt goes without discussion.",
    )  # fmt: skip


class AgendaItemSerializer(serializers.ModelSerializer):
    """One change on the agenda. ``timebox_s`` 0 is no discussion; times run on the server."""

    change = serializers.CharField(source="change.key", read_only=True)
    title = serializers.CharField(source="change.title", read_only=True)
    change_state = serializers.CharField(source="change.state", read_only=True)
    state = serializers.CharField(read_only=True)
    elapsed_s = serializers.SerializerMethodField()
    over_s = serializers.SerializerMethodField()

    class Meta:
        model = AgendaItem
        fields = [
            "position", "change", "title", "change_state", "state", "timebox_s", "began_at", "ended_at", "elapsed_s",
            "over_s", "notes", "decision", "revision",
        ]  # fmt: skip

    def get_elapsed_s(self, item: AgendaItem) -> int:
        return item.elapsed_s(timezone.now())

    def get_over_s(self, item: AgendaItem) -> int:
        return item.over_s(timezone.now())


class AttendanceSerializer(serializers.ModelSerializer):
    """Somebody in the room, from then until then; without a constituency a guest."""

    person = serializers.CharField(source="person.username", read_only=True)

    class Meta:
        model = Attendance
        fields = ["person", "constituency", "came_at", "left_at"]


class MeetingListSerializer(serializers.ModelSerializer):
    board = serializers.CharField(source="board.key", read_only=True)
    chair = serializers.CharField(source="chair.username", read_only=True)
    state = serializers.CharField(read_only=True)
    items = serializers.IntegerField(read_only=True, help_text="How many changes are on the agenda.")
    decided = serializers.IntegerField(read_only=True)

    class Meta:
        model = Meeting
        fields = [
            "id", "board", "title", "starts_at", "minutes_planned", "chair", "state", "items", "decided", "opened_at",
            "closed_at", "signed_at", "revision",
        ]  # fmt: skip


class MeetingSerializer(MeetingListSerializer):
    """One meeting with its agenda and who is there. Read the minutes at ``minutes/``."""

    filter = serializers.DictField(read_only=True)
    agenda = AgendaItemSerializer(many=True, read_only=True)
    attendances = AttendanceSerializer(many=True, read_only=True)

    class Meta(MeetingListSerializer.Meta):
        fields = [*MeetingListSerializer.Meta.fields, "filter", "agenda", "attendances"]


class MinutesSerializer(serializers.ModelSerializer):
    """The minutes, whether they are those that were written, and the chair's signature."""

    minutes = serializers.DictField(read_only=True)
    signed_by = serializers.CharField(source="signed_by.username", read_only=True, allow_null=True, default=None)
    minutes_hold = serializers.SerializerMethodField(help_text="Whether the hash is that of these minutes.")
    signature_holds = serializers.SerializerMethodField(
        help_text="Whether the signature belongs to these minutes; null while there is none."
    )

    class Meta:
        model = Meeting
        fields = [
            "minutes", "minutes_hash", "minutes_hold", "signed_by", "signed_name", "signed_at", "sign_method",
            "signature_holds",
        ]  # fmt: skip

    def get_minutes_hold(self, meeting: Meeting) -> bool:
        return minutes_hold(meeting)

    @extend_schema_field({"type": ["boolean", "null"]})
    def get_signature_holds(self, meeting: Meeting) -> Any:
        return signature_holds(meeting) if meeting.signature or meeting.signed_at else None


class AmendMeetingSerializer(Strict, serializers.Serializer):
    """Only what is given changes."""

    title = serializers.CharField(max_length=160, required=False)
    starts_at = serializers.DateTimeField(required=False)
    minutes_planned = serializers.IntegerField(min_value=5, max_value=480, required=False)
    chair = serializers.CharField(max_length=150, required=False, help_text="A username.")


class PlanMeetingSerializer(AmendMeetingSerializer):
    board = serializers.SlugField(max_length=60)
    title = serializers.CharField(max_length=160)
    starts_at = serializers.DateTimeField()
    chair = serializers.CharField(max_length=150, help_text="A username.")
    filter = AgendaFilterSerializer(required=False)


class FillSerializer(Strict, serializers.Serializer):
    filter = AgendaFilterSerializer(required=False, help_text="Replaces the stored one.")


class AddItemSerializer(Strict, serializers.Serializer):
    change = serializers.CharField(max_length=16)
    timebox_s = serializers.IntegerField(min_value=0, max_value=14_400, required=False)


class ComeSerializer(Strict, serializers.Serializer):
    """Empty: yourself. Whoever runs the meeting notes others."""

    person = serializers.CharField(max_length=150, required=False, help_text="A username.")
    constituency = serializers.ChoiceField(Constituency.choices, required=False)


class LeaveSerializer(Strict, serializers.Serializer):
    person = serializers.CharField(max_length=150, required=False, help_text="A username; empty: yourself.")


class SeenSerializer(Strict, serializers.Serializer):
    seen = serializers.CharField(
        max_length=16, required=False, allow_blank=True, default="",
        help_text="The change that was being discussed when you looked; empty for none.",
    )  # fmt: skip


class MoveItemSerializer(Strict, serializers.Serializer):
    position = serializers.IntegerField(min_value=1, max_value=1000)


class PromoteSerializer(Strict, serializers.Serializer):
    timebox_s = serializers.IntegerField(min_value=30, max_value=14_400, required=False)


class DeferSerializer(Strict, serializers.Serializer):
    reason = serializers.CharField(max_length=150)
    to_next = serializers.BooleanField(required=False, help_text="Put it on the board's next planned meeting.")


class NotesSerializer(Strict, serializers.Serializer):
    """``revision`` is the item's as you have read it."""

    notes = serializers.CharField(max_length=8000, allow_blank=True)
    revision = serializers.IntegerField(min_value=1)


class MeetingBallotSerializer(BallotSerializer):
    """A vote in the meeting, by somebody who is present."""

    role = None


class SignMinutesSerializer(Strict, serializers.Serializer):
    """The chair signs the minutes that they have read: their hash is repeated."""

    minutes_hash = serializers.CharField(max_length=64)
    signature = SignatureSerializer(required=False)
