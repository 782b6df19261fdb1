"""What the API says of decisions: assessments, the records of decisions, readiness and history."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.doors.api import Strict
from governance.kernel.findings import Finding
from governance.models import AuditEvent

from ..domain.decisions import Assessment, verdicts_as_json
from ..models import DecisionRecord
from .serializers import ReadinessSerializer


class PatternRationaleSerializer(Strict, serializers.Serializer):
    """Why; kept with the decision."""

    rationale = serializers.CharField(max_length=4000)


class WithdrawalSerializer(Strict, serializers.Serializer):
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class AssessmentRequestSerializer(Strict, serializers.Serializer):
    """Facts by the tables' names, or a draft as the request form holds it; of both, one."""

    facts = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)
    draft = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)
    chosen = serializers.ListField(child=serializers.CharField(max_length=40), max_length=8, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("facts" in attrs) == ("draft" in attrs):
            raise serializers.ValidationError({"facts": ["Give either facts or a draft."]})
        return attrs


class VerdictSerializer(serializers.Serializer):
    """The strongest verdict on one pattern, with every rule that speaks of it and its reason."""

    verdict = serializers.CharField()
    label = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())
    reasons = serializers.ListField(child=serializers.CharField(allow_blank=True))


class TableSourceSerializer(serializers.Serializer):
    key = serializers.CharField()
    version = serializers.CharField()
    hash = serializers.CharField()


class AssessmentSerializer(serializers.Serializer):
    """What the tables say: verdict per pattern, deviation of the chosen, who decides where, what the tier demands."""

    facts = serializers.DictField()
    chosen = serializers.ListField(child=serializers.CharField())
    verdicts = serializers.DictField(child=VerdictSerializer())
    deviation = serializers.CharField()
    policy_gap = serializers.BooleanField()
    decider = serializers.CharField(allow_blank=True)
    forum = serializers.CharField(allow_blank=True)
    right_rules = serializers.ListField(child=serializers.CharField())
    right_reasons = serializers.ListField(child=serializers.CharField())
    obligations = serializers.DictField()
    tables = serializers.DictField(child=TableSourceSerializer())


def assessment_document(assessed: Assessment) -> dict[str, Any]:
    same = ("facts", "chosen", "deviation", "policy_gap", "decider", "forum", "right_reasons", "obligations", "tables")
    return {
        **{name: getattr(assessed, name) for name in same},
        "verdicts": verdicts_as_json(assessed.verdicts),
        "right_rules": assessed.right.rules,
    }


class DecisionRecordSerializer(serializers.ModelSerializer):
    """A decision as it was made; `standing` until another supersedes it."""

    decided_by = serializers.SlugRelatedField(slug_field="username", read_only=True)
    standing = serializers.SerializerMethodField()
    verdicts = serializers.DictField(child=VerdictSerializer())
    tables = serializers.DictField(child=TableSourceSerializer())
    facts = serializers.DictField()
    chosen = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = DecisionRecord
        fields = [
            "id", "facts", "facts_hash", "tables", "verdicts", "chosen", "deviation", "decider", "forum", "decided_by",
            "decided_at", "rationale", "supersedes", "standing",
        ]  # fmt: skip

    def get_standing(self, record: DecisionRecord) -> bool:
        return not hasattr(record, "superseded_by")


class MissingSerializer(serializers.Serializer):
    """One thing that stands against the next move."""

    code = serializers.CharField()
    message = serializers.CharField()
    severity = serializers.CharField()
    where = serializers.CharField(allow_blank=True)


class ReadyStateSerializer(serializers.Serializer):
    """What the next move is, what is missing for it, and what has been stated."""

    state = serializers.CharField()
    next_move = serializers.CharField(allow_blank=True)
    ready = serializers.BooleanField()
    missing = MissingSerializer(many=True)
    facts = ReadinessSerializer(many=True)


def missing_documents(findings: list[Finding]) -> list[dict[str, Any]]:
    return [finding.as_dict() for finding in findings]


class HistorySerializer(serializers.ModelSerializer):
    """One recorded step of the interface or of what hangs on it."""

    class Meta:
        model = AuditEvent
        fields = [
            "seq", "at", "actor_label", "on_behalf_of_label", "via", "request_id", "action", "subject_type",
            "subject_label", "before", "after", "reason", "mandate",
        ]  # fmt: skip
