"""Evidence for programs: what is demanded, given and computed; attach, link, state, take back; the files themselves."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance.domain.files import check_size
from governance.doors.api import Strict
from governance.doors.files import file_response

from ..domain.evidence import attach_evidence, link_evidence, state_evidence, withdraw_evidence
from ..domain.evidence_queries import evidence_of, file_of
from ..evidence import Form, Source
from ..models import ChangeRequest
from . import serializers as said
from .verbs import KEY, reading

PIECE = OpenApiParameter("piece", OpenApiTypes.UUID, OpenApiParameter.PATH)


class KindSerializer(Strict, serializers.Serializer):
    kind = serializers.CharField(max_length=60, help_text="As policy names it, such as test_evidence.")


class AttachEvidenceSerializer(KindSerializer):
    """A file as ``multipart/form-data``; its type is told by its bytes."""

    file = serializers.FileField(max_length=1000, allow_empty_file=True)


class LinkEvidenceSerializer(KindSerializer):
    url = serializers.CharField(max_length=500, help_text="Begins with https://.")
    sha256 = serializers.CharField(
        max_length=64, required=False, allow_blank=True, help_text="Of the document that it leads to."
    )


class StateEvidenceSerializer(KindSerializer):
    text = serializers.CharField(max_length=2000)


class WithdrawEvidenceSerializer(Strict, serializers.Serializer):
    piece = serializers.UUIDField(help_text="Its id.")
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class PieceSerializer(serializers.Serializer):
    """One piece that somebody gave: a file, a link or a statement, with its SHA-256."""

    id = serializers.UUIDField()
    form = serializers.ChoiceField([form.value for form in Form])
    sha256 = serializers.CharField()
    by = serializers.CharField(help_text="Username.")
    at = serializers.DateTimeField()
    name = serializers.CharField(required=False)
    content_type = serializers.CharField(required=False)
    size = serializers.IntegerField(required=False, help_text="Bytes.")
    url = serializers.CharField(required=False)
    hash_of = serializers.ChoiceField(["DOCUMENT", "LINK"], required=False)
    text = serializers.CharField(required=False)
    late = serializers.BooleanField(required=False, help_text="Given after an emergency was authorised.")


class ComputedSerializer(serializers.Serializer):
    content = serializers.JSONField()
    sha256 = serializers.CharField()
    at = serializers.DateTimeField()
    holds = serializers.BooleanField()


class ProofSerializer(serializers.Serializer):
    """One kind of evidence: how it stands, by which rules it is demanded, what was given or computed."""

    kind = serializers.CharField(source="kind.key")
    label = serializers.CharField(source="kind.label")
    source = serializers.ChoiceField([source.value for source in Source], source="kind.source")
    status = serializers.ChoiceField(["GIVEN", "COMPUTED", "MISSING", "FAILED"])
    demanded = serializers.BooleanField()
    rules = serializers.ListField(child=serializers.CharField())
    pieces = PieceSerializer(many=True)
    computed = serializers.SerializerMethodField()

    @extend_schema_field(ComputedSerializer(allow_null=True))
    def get_computed(self, proof: Any) -> Any:
        return ComputedSerializer(proof.computed).data if proof.computed else None


def giving(summary: str, body: type[serializers.Serializer], way: str, **how: Any) -> Any:
    """One way to give evidence: its address, its body, and the change as it then is."""

    def made(method: Any) -> Any:
        described = extend_schema(
            summary=summary, operation_id=f"changes_{way}_evidence", parameters=[KEY],
            request={"multipart/form-data": body} if how else body, responses=said.ChangeRequestSerializer,
        )  # fmt: skip
        at = {"url_path": f"evidence/{way}", "url_name": f"evidence-{way}", "serializer_class": body, **how}
        return described(action(detail=True, methods=["post"], **at)(method))

    return made


class EvidenceVerbs:
    """Mixed into the view of changes."""

    get_object: Any
    given: Any
    do: Any
    request: Request

    @reading("What is demanded, given and computed as evidence", ProofSerializer)
    def evidence(self, request: Request, key: str) -> Response:
        return Response(ProofSerializer(evidence_of(self.get_object(), now=timezone.now()), many=True).data)

    @giving("Attach a file as evidence", AttachEvidenceSerializer, "attach", parser_classes=[MultiPartParser])
    def attach_evidence(self, request: Request, key: str) -> Response:
        values, change = self.given(request), self.get_object()
        file = values["file"]

        def attached(row: ChangeRequest, **by: Any) -> ChangeRequest:
            check_size(file.size)
            return attach_evidence(row, kind=values["kind"], content=file.read(), name=file.name, **by)

        return self.do(attached, change)

    @giving("Give a link as evidence", LinkEvidenceSerializer, "link")
    def link_evidence(self, request: Request, key: str) -> Response:
        return self.do(link_evidence, self.get_object(), **self.given(request))

    @giving("State what is evidence by itself", StateEvidenceSerializer, "state")
    def state_evidence(self, request: Request, key: str) -> Response:
        return self.do(state_evidence, self.get_object(), **self.given(request))

    @giving("Take a piece of evidence back", WithdrawEvidenceSerializer, "withdraw")
    def withdraw_evidence(self, request: Request, key: str) -> Response:
        values = self.given(request)
        return self.do(withdraw_evidence, self.get_object(), **{**values, "piece": str(values["piece"])})

    @extend_schema(
        summary="A file that is evidence",
        operation_id="changes_evidence_content",
        parameters=[KEY, PIECE],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(
        detail=True, methods=["get"], url_path=r"evidence/(?P<piece>[0-9a-f-]{36})/content", filterset_class=None,
        filter_backends=[], pagination_class=None,
    )  # fmt: skip
    def evidence_content(self, request: Request, key: str, piece: str) -> HttpResponse:
        return file_response(*file_of(self.get_object(), piece))
