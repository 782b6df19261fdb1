"""Versions of decision tables as programs write and read them."""

from rest_framework import serializers

from ..domain.deciding import rules_of
from ..domain.table_cases import cases_of
from ..doors.api import Strict
from ..models import DecisionTable
from .serializers import FactsField, FindingSerializer, RuleSerializer, TableListSerializer

Texts = serializers.ListField(child=serializers.CharField())


class CellsField(serializers.DictField):
    """A cell (S-FEEL unary tests) by the name of each input that it restricts."""

    child = serializers.CharField(allow_blank=True, max_length=2000)


class TableCaseSerializer(Strict, serializers.Serializer):
    """Facts, and what the table must say of them: the output, the rules that hold, or both."""

    name = serializers.CharField(max_length=160)
    facts = FactsField()
    expect = FactsField()


class AcceptedGapSerializer(Strict, serializers.Serializer):
    """Facts that nobody decides on purpose, and why."""

    region = CellsField()
    reason = serializers.CharField(max_length=300)
    by = serializers.CharField(required=False, allow_blank=True)
    at = serializers.CharField(required=False, allow_blank=True)


class TableVersionListSerializer(TableListSerializer):
    class Meta(TableListSerializer.Meta):
        fields = [*TableListSerializer.Meta.fields, "effective_to"]


class TableVersionSerializer(TableVersionListSerializer):
    """One version, whole, whatever its state: its rules, its test cases and the gaps that are left open on purpose."""

    inputs = serializers.ListField(child=FactsField())
    outputs = serializers.ListField(child=FactsField())
    rules = serializers.SerializerMethodField()
    cases = serializers.SerializerMethodField()
    accepted_gaps = AcceptedGapSerializer(many=True)
    based_on = serializers.SlugRelatedField(slug_field="version", read_only=True)

    class Meta(TableVersionListSerializer.Meta):
        fields = [
            *TableVersionListSerializer.Meta.fields,
            "inputs",
            "outputs",
            "rules",
            "cases",
            "accepted_gaps",
            "based_on",
        ]

    def get_rules(self, table: DecisionTable) -> list[dict]:
        return rules_of(table)

    def get_cases(self, table: DecisionTable) -> list[dict]:
        return cases_of(table)


class TableRuleInputSerializer(Strict, RuleSerializer):
    """A rule to be written; without an id it takes the next one."""

    id = serializers.CharField(max_length=40, required=False)
    when = CellsField(default=dict)
    then = FactsField(default=dict)
    note = serializers.CharField(allow_blank=True, max_length=300, default="")


class TableRuleAddSerializer(TableRuleInputSerializer):
    after = serializers.CharField(required=False, allow_null=True, help_text="The rule that it follows; else the last.")


class TableRuleEditSerializer(Strict, serializers.Serializer):
    """The cells that are named change, the others stay; an output of null is taken out."""

    id = serializers.CharField(max_length=40, required=False)
    when = CellsField(required=False)
    then = FactsField(required=False)
    note = serializers.CharField(allow_blank=True, max_length=300, required=False)


class TableRuleMoveSerializer(Strict, serializers.Serializer):
    to = serializers.IntegerField(min_value=1, max_value=2000, help_text="Its new place, counted from 1.")


class TableColumnsSerializer(Strict, serializers.Serializer):
    """A column's ``was`` is its former name, if it has another now: its cells follow."""

    title = serializers.CharField(max_length=120, allow_blank=True, required=False)
    hit = serializers.CharField(max_length=2, required=False)
    inputs = serializers.ListField(child=FactsField(), required=False)
    outputs = serializers.ListField(child=FactsField(), required=False)


class TableContentSerializer(TableColumnsSerializer):
    """The whole content of a draft; what is left out stays."""

    rules = TableRuleInputSerializer(many=True, required=False)
    cases = TableCaseSerializer(many=True, required=False)


class TableDraftSerializer(TableContentSerializer):
    """A new draft: a copy of the version ``based_on``, or the content that stands beside it."""

    key = serializers.CharField(max_length=60)
    version = serializers.CharField(max_length=20, required=False)
    based_on = serializers.CharField(max_length=20, required=False)


class NothingGivenSerializer(Strict, serializers.Serializer):
    """A move that takes no values."""


class TableCasesSerializer(Strict, serializers.Serializer):
    cases = TableCaseSerializer(many=True)


class GapsAcceptSerializer(Strict, serializers.Serializer):
    regions = serializers.ListField(child=CellsField(), min_length=1, max_length=500)
    reason = serializers.CharField(max_length=300)


class GapsReopenSerializer(Strict, serializers.Serializer):
    regions = serializers.ListField(child=CellsField(), min_length=1, max_length=500)


class TableImportSerializer(Strict, serializers.Serializer):
    """A DMN 1.2 to 1.5 model or JSON as text; each table in it becomes a draft, or nothing is written."""

    text = serializers.CharField(max_length=2_000_000, trim_whitespace=False)
    filename = serializers.CharField(max_length=200, required=False, allow_blank=True)
    decision = serializers.CharField(max_length=200, required=False, help_text="Only the table of this name.")
    dry_run = serializers.BooleanField(default=False)


class TableReadSerializer(serializers.Serializer):
    """One table of a file; ``version`` is empty on a dry run when the file names none."""

    key = serializers.CharField()
    version = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    rules = serializers.IntegerField()
    cases = serializers.IntegerField()


class TableImportedSerializer(serializers.Serializer):
    tables = TableReadSerializer(many=True)
    findings = FindingSerializer(many=True)


class CellDifferenceSerializer(serializers.Serializer):
    side = serializers.CharField()
    name = serializers.CharField()
    was = serializers.JSONField()
    now = serializers.JSONField()


class RuleDifferenceSerializer(serializers.Serializer):
    rule = serializers.CharField()
    kind = serializers.CharField(help_text="added, removed, changed or moved.")
    moved = serializers.BooleanField()
    was_at = serializers.IntegerField(allow_null=True)
    now_at = serializers.IntegerField(allow_null=True)
    cells = CellDifferenceSerializer(many=True)


class ComparisonSerializer(serializers.Serializer):
    """What differs between two versions, rule by rule and cell by cell."""

    same = serializers.BooleanField()
    unchanged = serializers.IntegerField(help_text="Rules that are the same in the same order.")
    head = CellDifferenceSerializer(many=True)
    rules = RuleDifferenceSerializer(many=True)


class GapSerializer(serializers.Serializer):
    region = CellsField()
    example = FactsField()


class OverlapSerializer(serializers.Serializer):
    kind = serializers.CharField()
    rules = Texts
    region = CellsField()
    example = FactsField()


class NeverSerializer(serializers.Serializer):
    rule = serializers.CharField()
    input = serializers.CharField()
    cell = serializers.CharField()


class AnalysisSerializer(serializers.Serializer):
    verdict = serializers.CharField(help_text="complete, gaps, or unknown when the budget ended first.")
    analysed = serializers.FloatField(help_text="The share of all facts that was analysed.")
    gaps = GapSerializer(many=True)
    overlaps = OverlapSerializer(many=True)
    overlap_count = serializers.IntegerField()
    overlaps_finished = serializers.BooleanField()
    never = NeverSerializer(many=True)
    undetermined = Texts
    spent = serializers.IntegerField()


class CaseResultSerializer(serializers.Serializer):
    name = serializers.CharField()
    passed = serializers.BooleanField()
    output = serializers.JSONField(allow_null=True)
    rules = Texts
    problems = Texts


class StandingSerializer(serializers.Serializer):
    """Whether the version is fit to be asked of the board, and all that is known about it."""

    ready = serializers.BooleanField()
    analysis = AnalysisSerializer()
    open_gaps = GapSerializer(many=True)
    accepted_gaps = AcceptedGapSerializer(many=True)
    void_gaps = AcceptedGapSerializer(many=True)
    cases = CaseResultSerializer(many=True)
    findings = FindingSerializer(many=True)
