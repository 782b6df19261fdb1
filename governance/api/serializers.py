"""The governance records as the API speaks of them."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ..domain.deciding import rules_of
from ..doors.api import Strict
from ..models import AuditEvent, DecisionTable, MailWish, Notice, Team


class RuleSerializer(serializers.Serializer):
    """One rule: a cell per input that it asks, its outputs, and the reason that people are shown."""

    id = serializers.CharField()
    when = serializers.DictField(child=serializers.CharField())
    then = serializers.DictField()
    note = serializers.CharField(allow_blank=True)


class TableListSerializer(serializers.ModelSerializer):
    class Meta:
        model = DecisionTable
        fields = ["key", "version", "title", "hit", "state", "content_hash", "effective_from", "revision"]


class TableSerializer(TableListSerializer):
    """The version in force, whole."""

    inputs = serializers.ListField(child=serializers.DictField())
    outputs = serializers.ListField(child=serializers.DictField())
    rules = serializers.SerializerMethodField()

    class Meta(TableListSerializer.Meta):
        fields = [*TableListSerializer.Meta.fields, "inputs", "outputs", "rules"]

    def get_rules(self, table: DecisionTable) -> list[dict]:
        return rules_of(table)


@extend_schema_field({"type": "object", "additionalProperties": {}})
class FactsField(serializers.DictField):
    """Any JSON value under each name; null says that the fact is not known."""

    child = serializers.JSONField(allow_null=True)


class FactsSerializer(Strict, serializers.Serializer):
    """The facts that a table is asked about, by the names of its inputs."""

    facts = FactsField()


class CellTraceSerializer(serializers.Serializer):
    name = serializers.CharField()
    cell = serializers.CharField()
    value = serializers.JSONField()
    holds = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)


class RuleTraceSerializer(serializers.Serializer):
    id = serializers.CharField()
    matched = serializers.BooleanField()
    cells = CellTraceSerializer(many=True)


class SourceSerializer(serializers.Serializer):
    """Under which version the table spoke."""

    key = serializers.CharField()
    version = serializers.CharField()
    hash = serializers.CharField()


class FindingSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    severity = serializers.CharField()
    where = serializers.CharField(allow_blank=True)


class DecisionSerializer(serializers.Serializer):
    """What the table says: its output, every rule that holds with its reason, the trace, and the version."""

    output = serializers.JSONField()
    rules = serializers.ListField(child=serializers.CharField())
    notes = serializers.DictField(child=serializers.CharField(allow_blank=True))
    trace = RuleTraceSerializer(many=True)
    source = SourceSerializer()
    findings = FindingSerializer(many=True)


class MeSerializer(serializers.Serializer):
    """Who is asking, with what roles; ``csrf_token`` is for a browser's own calls, ``scopes`` for a token's."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    teams = serializers.ListField(child=serializers.CharField())
    scopes = serializers.ListField(child=serializers.CharField(), allow_null=True)
    csrf_token = serializers.CharField(allow_null=True)


class TeamSerializer(serializers.ModelSerializer):
    roles = serializers.SlugRelatedField(many=True, read_only=True, slug_field="role")

    class Meta:
        model = Team
        fields = ["id", "key", "name", "email", "roles", "revision"]


class NoticeSerializer(serializers.ModelSerializer):
    """``mail`` says what became of its mail, ``mail_error`` why it was not taken."""

    class Meta:
        model = Notice
        fields = ["id", "kind", "message", "url", "at", "read_at", "mail", "mail_attempts", "mail_error"]


class ReadAllSerializer(serializers.Serializer):
    read = serializers.IntegerField(help_text="How many were unread.")


class MailWishSerializer(Strict, serializers.Serializer):
    """Each notice at once, a digest a day with what is urgent at once, or none; and whose morning it is."""

    mail = serializers.ChoiceField(MailWish.choices)
    timezone = serializers.CharField(max_length=60, required=False, help_text="Such as America/Chicago.")


class AuditEventSerializer(serializers.ModelSerializer):
    class Meta:
        model = AuditEvent
        exclude = ["previous_hash"]


class VerificationSerializer(serializers.Serializer):
    """The proof: how many rows and seals hold, or the first thing that does not, with its place in the chain."""

    ok = serializers.BooleanField()
    events = serializers.IntegerField()
    seals = serializers.IntegerField()
    seq = serializers.IntegerField(allow_null=True)
    problem = serializers.CharField(allow_blank=True)
