"""The calendar's entries and what they mean for a change, as the API speaks of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rest_framework import serializers

from catalog.models import Domain, Facility, System
from governance.domain.rules import visible
from governance.doors.api import Strict

from ..domain.calendar_queries import KINDS
from ..domain.conflicts import ConflictKind
from ..models import CalendarEntry, CalendarKind

RULE_HELP = (
    "RFC 5545 RRULE on the wall clock of `zone`: FREQ, INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, UNTIL or COUNT."
)
#: The longest stretch that is told at once.
LONGEST_ASKED = dt.timedelta(days=62)


class VisibleSystemField(serializers.SlugRelatedField):
    """A system by its key, among those that the asker may see."""

    def get_queryset(self) -> Any:
        return visible(super().get_queryset(), self.context["request"].user)


class CalendarEntrySerializer(serializers.ModelSerializer):
    """``starts_at`` and ``ends_at`` are the first time; ``rrule`` repeats it."""

    kind = serializers.CharField(read_only=True)
    domain = serializers.CharField(source="domain.key", read_only=True, allow_null=True, default=None)
    facility = serializers.CharField(source="facility.key", read_only=True, allow_null=True, default=None)
    system = serializers.CharField(source="system.key", read_only=True, allow_null=True, default=None)

    class Meta:
        model = CalendarEntry
        fields = [
            "id", "kind", "name", "starts_at", "ends_at", "zone", "rrule", "reason", "domain", "facility", "system",
            "withdrawn_at", "revision",
        ]  # fmt: skip


class AmendEntrySerializer(Strict, serializers.Serializer):
    """Only what is given changes. At most one of ``domain``, ``facility`` and ``system``; none is for everything."""

    kind = serializers.ChoiceField(CalendarKind.choices, required=False)
    name = serializers.CharField(max_length=120, required=False)
    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField(required=False)
    zone = serializers.CharField(max_length=60, required=False, help_text="Empty: the facility's own, or UTC.")
    rrule = serializers.CharField(max_length=200, required=False, allow_blank=True, help_text=RULE_HELP)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)
    domain = serializers.SlugRelatedField("key", queryset=Domain.objects.all(), required=False, allow_null=True)
    facility = serializers.SlugRelatedField("key", queryset=Facility.objects.all(), required=False, allow_null=True)
    system = VisibleSystemField("key", queryset=System.objects.all(), required=False, allow_null=True)


class DeclareEntrySerializer(AmendEntrySerializer):
    kind = serializers.ChoiceField(CalendarKind.choices)
    name = serializers.CharField(max_length=120)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class WindowConflictSerializer(serializers.Serializer):
    """What a window runs into. ``other``: the entry's name or the change's key, empty where you may not know it."""

    kind = serializers.ChoiceField(ConflictKind.choices)
    message = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    zone = serializers.CharField(help_text="The clock that `message` speaks of.")
    other = serializers.CharField()
    change = serializers.CharField(help_text="The other change's key.")
    entry = serializers.CharField(help_text="The calendar entry's id.")


class SuggestedWindowSerializer(serializers.Serializer):
    """The next free window; no times where nothing is free within 60 days."""

    start = serializers.DateTimeField(allow_null=True)
    end = serializers.DateTimeField(allow_null=True)
    zone = serializers.CharField()
    message = serializers.CharField()


class FeedSerializer(serializers.Serializer):
    issued_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class IssuedFeedSerializer(FeedSerializer):
    address = serializers.CharField(help_text="Told this once: only its hash is kept.")


class TimesAskedSerializer(Strict, serializers.Serializer):
    """Which times, and whose; at most one of ``facility``, ``domain`` and ``system``, by key."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    kind = serializers.ChoiceField(KINDS, required=False)
    facility = serializers.CharField(max_length=60, required=False)
    domain = serializers.CharField(max_length=60, required=False)
    system = serializers.CharField(max_length=60, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not dt.timedelta(0) < attrs["end"] - attrs["start"] <= LONGEST_ASKED:
            raise serializers.ValidationError({"end": [f"After start, by at most {LONGEST_ASKED.days} days."]})
        return attrs


class TimeSerializer(serializers.Serializer):
    """One time of an entry, or a change's window."""

    kind = serializers.ChoiceField(KINDS)
    name = serializers.CharField(help_text="The entry's name, or the change's key.")
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    zone = serializers.CharField(help_text="Its own clock.")
    entry = serializers.UUIDField(source="entry.pk", allow_null=True, default=None)
    change = serializers.CharField(source="change.key", allow_null=True, default=None)
