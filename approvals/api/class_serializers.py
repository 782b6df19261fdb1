"""Templates, findings, reviews, blocks and teams' records as the API speaks of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.doors.api import Strict

from ..domain.verdicts import VERDICTS
from ..models import EmergencyBlock, Review, StandardChangeTemplate

RANGE_HELP = 'By field: {"min": 1, "max": 9}, {"values": ["A"]} or {"any": true}.'


class TemplateSerializer(serializers.ModelSerializer):
    """What may be changed without a vote, once it is ACTIVE."""

    state = serializers.CharField(read_only=True)
    allowed = serializers.DictField(read_only=True, help_text=RANGE_HELP)
    tiers = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    samples = serializers.SlugRelatedField(slug_field="key", many=True, read_only=True)
    drafted_by = serializers.CharField(source="drafted_by.username", read_only=True)

    class Meta:
        model = StandardChangeTemplate
        fields = [
            "key", "title", "change_type", "state", "allowed", "tiers", "plan", "backout", "samples", "content_hash",
            "drafted_by", "approved_at", "suspended_at", "suspended_reason", "revision",
        ]  # fmt: skip


class TemplateValuesSerializer(Strict, serializers.Serializer):
    """Only what is given changes."""

    title = serializers.CharField(max_length=160, required=False)
    allowed = serializers.DictField(
        child=serializers.DictField(child=serializers.JSONField()), required=False, help_text=RANGE_HELP
    )
    tiers = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=4), required=False)
    plan = serializers.CharField(max_length=8000, required=False)
    backout = serializers.CharField(max_length=8000, required=False)


class DraftTemplateSerializer(TemplateValuesSerializer):
    """Grown from ``samples``: three or more successful closed changes of one type, by their keys."""

    key = serializers.SlugField(max_length=60)
    title = serializers.CharField(max_length=160)
    allowed = serializers.DictField(child=serializers.DictField(child=serializers.JSONField()), help_text=RANGE_HELP)
    samples = serializers.ListField(child=serializers.CharField(max_length=16), min_length=1, max_length=50)


class AskStandardSerializer(Strict, serializers.Serializer):
    """A change of one interface by the template: new values inside its ranges, and when."""

    interface = serializers.CharField(max_length=24)
    patch = serializers.DictField(child=serializers.JSONField(allow_null=True), help_text="New values by field.")
    reason = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    window_start = serializers.DateTimeField(required=False, allow_null=True)
    window_end = serializers.DateTimeField(required=False, allow_null=True)


class FindingInputSerializer(Strict, serializers.Serializer):
    """What contradicts the record: where it was seen, which field, and what was observed."""

    interface = serializers.CharField(max_length=24)
    source = serializers.CharField(max_length=200)
    field = serializers.CharField(max_length=40)
    observed = serializers.JSONField()
    recorded = serializers.JSONField(required=False, allow_null=True, help_text="What you take the record to say.")
    at = serializers.DateTimeField(required=False)
    reason = serializers.CharField(max_length=4000, required=False, allow_blank=True)

    def finding(self) -> dict[str, Any]:
        said = dict(self.validated_data)
        return {name: said[name] for name in ("source", "field", "observed", "recorded", "at") if name in said}


class VerdictSerializer(Strict, serializers.Serializer):
    verdict = serializers.ChoiceField([(one.value, one.label) for one in VERDICTS])
    what_happened = serializers.CharField(max_length=4000)


class ReviewSerializer(serializers.ModelSerializer):
    """What came of a change, and the points that it adds to its team's record."""

    change = serializers.CharField(source="change.key", read_only=True)
    reviewed_by = serializers.CharField(source="reviewed_by.username", read_only=True)

    class Meta:
        model = Review
        fields = [
            "change", "outcome", "met_its_aim", "what_happened", "lessons", "p1", "p2", "p3", "score", "reviewed_by",
            "reviewed_at",
        ]  # fmt: skip


class EmergencyBlockSerializer(serializers.ModelSerializer):
    """A team that left an emergency unratified calls no further ones until its block is lifted."""

    team = serializers.CharField(source="team.key", read_only=True)
    because = serializers.CharField(source="because.key", read_only=True)
    lifted_by = serializers.CharField(source="lifted_by.username", read_only=True, allow_null=True, default=None)

    class Meta:
        model = EmergencyBlock
        fields = ["id", "team", "because", "since", "lifted_at", "lifted_by", "lifted_reason", "revision"]


class TeamScoreSerializer(serializers.Serializer):
    """One team's reviewed changes in the window. ``failure_share`` is null where nothing was asked for."""

    team = serializers.CharField(source="team.key")
    name = serializers.CharField(source="team.name")
    score = serializers.IntegerField()
    closed = serializers.IntegerField()
    failed = serializers.IntegerField()
    failure_share = serializers.FloatField(allow_null=True)
    by_class = serializers.DictField(child=serializers.IntegerField())
    incidents = serializers.DictField(child=serializers.IntegerField())


class TeamScoresSerializer(serializers.Serializer):
    days = serializers.IntegerField()
    teams = TeamScoreSerializer(many=True)


class AskedSerializer(serializers.Serializer):
    """The change request that was asked, and where it stands."""

    change = serializers.CharField()
    state = serializers.CharField()
