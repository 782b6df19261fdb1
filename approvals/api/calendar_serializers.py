"""The calendar's entries and what they mean for a change, as the API speaks of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.models import Domain, Facility, System
from governance.domain.rules import visible
from governance.doors.api import Strict

from ..models import CalendarEntry, CalendarKind

RULE_HELP = (
    "RFC 5545 RRULE on the wall clock of `zone`: FREQ, INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, UNTIL or COUNT."
)


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
