"""What programs send and get. Addresses are sensitive: they come in and never go out."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers

from governance.doors.api import Strict

from ..lifecycle import KINDS, METHODS, STATES
from ..models import Measurement, Probe


class ProbeSerializer(serializers.ModelSerializer):
    """A probe and how it stands."""

    interface = serializers.CharField(source="interface.key")
    state = serializers.ChoiceField(choices=STATES)

    class Meta:
        model = Probe
        fields: ClassVar = [
            "id", "interface", "endpoint", "kind", "name", "method", "interval_s", "timeout_s", "expect_status",
            "slow_ms", "grace_s", "enabled", "state", "state_since", "last_checked_at", "last_beat_at",
            "last_latency_ms", "last_reason", "failures_in_row", "revision",
        ]  # fmt: skip
        read_only_fields: ClassVar = fields


class NewProbeSerializer(Strict, serializers.Serializer):
    """A probe to register. Without `address` the endpoint's own is asked; a heartbeat needs neither."""

    interface = serializers.CharField(max_length=24, help_text="The interface's key.")
    kind = serializers.ChoiceField(choices=KINDS)
    name = serializers.CharField(max_length=120)
    endpoint = serializers.UUIDField(required=False, allow_null=True, default=None)
    address = serializers.CharField(max_length=300, required=False, allow_blank=True, default="", write_only=True)
    method = serializers.ChoiceField(choices=METHODS, required=False, default="GET")
    interval_s = serializers.IntegerField(min_value=1, max_value=86_400, required=False, default=60)
    timeout_s = serializers.FloatField(min_value=0.1, max_value=30, required=False, default=10.0)
    expect_status = serializers.ListField(
        child=serializers.IntegerField(min_value=100, max_value=599), max_length=20, required=False, default=[200]
    )
    slow_ms = serializers.IntegerField(min_value=1, max_value=300_000, required=False, allow_null=True, default=None)
    grace_s = serializers.IntegerField(min_value=0, max_value=86_400, required=False, default=0)


class BeatSerializer(Strict, serializers.Serializer):
    """When the interface sent its beat; now, if it is not said."""

    sent_at = serializers.DateTimeField(required=False)


class BeatTakenSerializer(serializers.Serializer):
    """The last beat that counts: an older one than before changes nothing."""

    probe = serializers.UUIDField()
    last_beat_at = serializers.DateTimeField()


class MeasurementSerializer(serializers.ModelSerializer):
    """One check as it was found; the phases are parts of the latency."""

    state = serializers.ChoiceField(choices=STATES)

    class Meta:
        model = Measurement
        fields: ClassVar = [
            "id", "at", "state", "latency_ms", "dns_ms", "connect_ms", "tls_ms", "ttfb_ms", "status_code", "reason",
        ]  # fmt: skip
        read_only_fields: ClassVar = fields


class PartSerializer(serializers.Serializer):
    """One figure beside the headline; `share` is of the whole, in percent."""

    label = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    unit = serializers.CharField()
    share = serializers.FloatField(allow_null=True)

    class Meta:
        ref_name = "KpiPart"


class KpiSerializer(serializers.Serializer):
    """A figure computed from rows. `value` is null when there is too little to say; `note` says what is missing."""

    key = serializers.CharField()
    label = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    unit = serializers.CharField()
    n = serializers.IntegerField()
    window_days = serializers.IntegerField()
    scope = serializers.CharField()
    direction = serializers.ChoiceField(choices=["up", "down"], help_text="Where good lies.")
    method = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    split = PartSerializer(many=True)
    split_note = serializers.CharField(allow_blank=True, help_text="Why the split is missing.")
    freshness = serializers.DateTimeField(allow_null=True)
