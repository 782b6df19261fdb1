"""Contracts as the API speaks of them."""

from __future__ import annotations

import json
from typing import Any

import orjson
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.doors.api import Strict

from ..domain.documents import text_of
from ..models import Contract, ContractVersion, LevelWord, VerdictWord


class ContractSerializer(serializers.ModelSerializer):
    """What an interface promises: in which format, how strictly, and as which version."""

    interface = serializers.CharField(source="interface.key", read_only=True)
    name = serializers.CharField(source="interface.name", read_only=True)
    steward = serializers.SlugRelatedField(slug_field="key", read_only=True, allow_null=True)
    published_version = serializers.CharField(read_only=True, allow_null=True)
    newest_version = serializers.CharField(read_only=True, allow_null=True)
    newest_state = serializers.CharField(read_only=True, allow_null=True)
    version_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Contract
        fields = [
            "key", "interface", "name", "format", "mode", "steward", "published_version", "newest_version",
            "newest_state", "version_count", "revision",
        ]  # fmt: skip


class VersionSerializer(serializers.ModelSerializer):
    """One numbered version and how it stands; ``verdict`` is that of the comparison when it came."""

    contract = serializers.CharField(source="contract.key", read_only=True)
    verdict = serializers.CharField(source="report.verdict", read_only=True)
    sha256 = serializers.CharField(source="document.sha256", read_only=True)
    size = serializers.IntegerField(source="document.size", read_only=True)
    declared_by = serializers.CharField(source="declared_by.username", read_only=True)

    class Meta:
        model = ContractVersion
        fields = [
            "contract", "version", "state", "level", "verdict", "sha256", "size", "notes", "declared_by",
            "published_at", "sunset_on", "created_at", "revision",
        ]  # fmt: skip


class CheckedSerializer(serializers.Serializer):
    version = serializers.CharField()
    direction = serializers.CharField()
    verdict = serializers.CharField()


class ChangeSerializer(serializers.Serializer):
    """One difference: its rule, where it is in each document, whom it hurts, and a fingerprint that stays."""

    rule = serializers.CharField()
    severity = serializers.CharField()
    direction = serializers.CharField()
    pointer_old = serializers.CharField(allow_null=True)
    pointer_new = serializers.CharField(allow_null=True)
    hurts = serializers.CharField()
    message = serializers.CharField()
    fingerprint = serializers.CharField()


class UnsupportedSerializer(serializers.Serializer):
    keyword = serializers.CharField()
    pointer = serializers.CharField()


class CounterexampleSerializer(serializers.Serializer):
    """A payload that one document accepts and the other refuses."""

    payload = serializers.JSONField(allow_null=True)
    valid_under = serializers.CharField()
    refused_under = serializers.CharField()


class CandidateIdentitySerializer(serializers.Serializer):
    sha256 = serializers.CharField()
    dialect = serializers.CharField(allow_blank=True)


class BumpSerializer(serializers.Serializer):
    """What the number declares against what was computed."""

    declared = serializers.CharField(allow_null=True)
    computed = serializers.CharField()
    enough = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.CharField(), **super().get_fields()}


class ResultSerializer(serializers.Serializer):
    """The result document: deterministic, with the SHA-256 of its canonical bytes, so that it can be kept."""

    contract = serializers.CharField()
    format = serializers.CharField()
    version = serializers.CharField(allow_null=True)
    verdict = serializers.ChoiceField(choices=VerdictWord.choices)
    level = serializers.ChoiceField(choices=LevelWord.choices)
    mode = serializers.CharField()
    enforced = serializers.BooleanField()
    checked = CheckedSerializer(many=True)
    changes = ChangeSerializer(many=True)
    unsupported = UnsupportedSerializer(many=True)
    counterexample = CounterexampleSerializer(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    details = serializers.DictField()
    candidate = CandidateIdentitySerializer(allow_null=True)
    passes = serializers.BooleanField(help_text="The comparison alone: compatible, warning, or not enforced.")
    bump = BumpSerializer(allow_null=True)
    suggested_version = serializers.CharField(allow_null=True)
    accepted = serializers.BooleanField(allow_null=True, help_text="Would it be accepted under this number?")
    sha256 = serializers.CharField()


class VersionDetailSerializer(VersionSerializer):
    """A version with its document and the result document of its comparison."""

    document = serializers.SerializerMethodField()
    report = serializers.SerializerMethodField()

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "document", "report"]

    @extend_schema_field(serializers.JSONField(help_text="A JSON value; a text when the format is not JSON."))
    def get_document(self, version: ContractVersion) -> Any:
        text = text_of(version.document)
        try:
            return json.loads(text)
        except ValueError:
            return text

    @extend_schema_field(ResultSerializer)
    def get_report(self, version: ContractVersion) -> dict[str, Any]:
        return version.report.result


class CandidateSerializer(Strict, serializers.Serializer):
    """A document to be checked: as JSON in ``document``, or byte for byte in ``text``; exactly one of them."""

    version = serializers.CharField(required=False, max_length=40, help_text="The number it would be posted under.")
    document = serializers.JSONField(required=False)
    text = serializers.CharField(required=False, trim_whitespace=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("document" in given) == ("text" in given):
            raise serializers.ValidationError({"document": "Give either document or text."})
        return given

    @property
    def bytes_given(self) -> bytes:
        given = self.validated_data
        return given["text"].encode("utf-8") if "text" in given else orjson.dumps(given["document"])


class PostedSerializer(CandidateSerializer):
    """A candidate with the number that it declares."""

    version = serializers.CharField(max_length=40)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=4000, default="")


class PayloadSerializer(Strict, serializers.Serializer):
    """One payload to be held against the published version, or the one named. It is not stored."""

    payload = serializers.JSONField(allow_null=True)
    version = serializers.CharField(required=False, max_length=40)


class PayloadErrorSerializer(serializers.Serializer):
    """Where a payload breaks which rule; never the payload's value."""

    pointer = serializers.CharField(allow_blank=True)
    keyword = serializers.CharField()
    message = serializers.CharField()


class PayloadResultSerializer(serializers.Serializer):
    contract = serializers.CharField()
    version = serializers.CharField()
    sha256 = serializers.CharField()
    valid = serializers.BooleanField()
    errors = PayloadErrorSerializer(many=True)


class LineResultSerializer(serializers.Serializer):
    """One line of the answer: of a payload line, or the summary that ends it."""

    line = serializers.IntegerField(required=False)
    valid = serializers.BooleanField(required=False)
    errors = serializers.ListField(child=serializers.DictField(), required=False)
    summary = serializers.DictField(required=False)
