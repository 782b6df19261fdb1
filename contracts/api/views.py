"""Contracts for programs: read them, check a candidate, post a version, hold payloads against what is promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.doors.api import ActorView, RegisterViewSet, etag_of
from governance.doors.parsers import NdjsonParser
from governance.doors.renderers import OrjsonRenderer
from governance.doors.tokens import needs_scope
from governance.models import Scope

from ..domain.checking import check_candidate
from ..domain.payloads import held_by_key, validate_ndjson, validate_payload
from ..domain.queries import contract_named, version_of, versions_of, with_newest
from ..domain.versions import post_version
from ..models import Contract, ContractVersion
from .serializers import (
    CandidateSerializer,
    ContractSerializer,
    LineResultSerializer,
    PayloadResultSerializer,
    PayloadSerializer,
    PostedSerializer,
    ResultSerializer,
    VersionDetailSerializer,
    VersionSerializer,
)

KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="The interface's key, such as IF-SUR-003.")
NUMBER = OpenApiParameter("version", str, OpenApiParameter.PATH, description="Three numbers, such as 1.4.0.")


class NdjsonRenderer(BaseRenderer):
    """Lets a caller ask for NDJSON; the view itself streams the lines."""

    media_type = "application/x-ndjson"
    format = "ndjson"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return OrjsonRenderer().render(data)


def read(kind: type[serializers.Serializer], request: Request) -> Any:
    """The body as the serializer reads it; refused beside the fields when it cannot."""
    given = kind(data=request.data)
    given.is_valid(raise_exception=True)
    return given


@extend_schema_view(
    list=extend_schema(summary="Contracts", operation_id="contracts_list"),
    retrieve=extend_schema(summary="One contract", operation_id="contracts_retrieve", parameters=[KEY]),
)
class ContractViewSet(RegisterViewSet):
    """What the interfaces that the actor may see promise."""

    queryset = with_newest(Contract.objects.all())
    serializer_class = ContractSerializer
    filterset_fields = ("format", "mode")


class VersionViewSet(ActorView, viewsets.GenericViewSet):
    """The versions of one contract."""

    serializer_class = VersionSerializer
    queryset = ContractVersion.objects.all()
    cursor_ordering = ("-major", "-minor", "-patch")

    def get_permissions(self):
        if self.action == "create":
            return [*super().get_permissions(), needs_scope(Scope.CONTRACTS_WRITE)()]
        return super().get_permissions()

    @extend_schema(
        summary="Versions, newest first",
        operation_id="contract_versions_list",
        parameters=[KEY],
        responses=VersionSerializer(many=True),
    )
    def list(self, request: Request, key: str) -> Response:
        rows = self.paginate_queryset(versions_of(contract_named(request.user, key)))
        return self.get_paginated_response(VersionSerializer(rows, many=True).data)

    @extend_schema(
        summary="One version with its document and report",
        operation_id="contract_versions_retrieve",
        parameters=[KEY, NUMBER],
        responses=VersionDetailSerializer,
    )
    def retrieve(self, request: Request, key: str, version: str) -> Response:
        found = version_of(request.user, key, version)
        return Response(VersionDetailSerializer(found).data, headers={"ETag": etag_of(found)})

    @extend_schema(
        summary="Post a version",
        operation_id="contract_versions_create",
        parameters=[KEY],
        request=PostedSerializer,
        responses={201: VersionDetailSerializer, 200: VersionDetailSerializer},
    )
    def create(self, request: Request, key: str) -> Response:
        """Straight to review: 201; 200 when the same document is there under this number already.

        422 BUMP_TOO_SMALL and NOT_ANALYSED carry the result document in `result`; 409 VERSION_EXISTS is another
        document under a number that was given.
        """
        posted = read(PostedSerializer, request)
        version, made = post_version(
            contract_named(request.user, key),
            version=posted.validated_data["version"],
            text=posted.bytes_given,
            notes=posted.validated_data["notes"],
            now=timezone.now(),
            actor=request.user,
        )
        place = reverse("api-contract-version", kwargs={"key": key, "version": version.version})
        headers = {"ETag": etag_of(version), "Location": f"{place}/"}
        return Response(VersionDetailSerializer(version).data, status=201 if made else 200, headers=headers)


class CheckView(ActorView, APIView):
    """May this candidate follow what is promised?"""

    permission_classes = [*APIView.permission_classes, needs_scope(Scope.CONTRACTS_CHECK)]

    @extend_schema(
        summary="Check a candidate",
        operation_id="contracts_check",
        parameters=[KEY],
        request=CandidateSerializer,
        responses=ResultSerializer,
    )
    def post(self, request: Request, key: str) -> Response:
        """Always a result document; nothing is stored. The same input gives the same bytes."""
        candidate = read(CandidateSerializer, request)
        result = check_candidate(
            contract_named(request.user, key),
            text=candidate.bytes_given,
            version=candidate.validated_data.get("version"),
            actor=request.user,
        )
        return Response(result)


class PayloadView(ActorView, APIView):
    """Does this payload keep the contract?"""

    permission_classes = [*APIView.permission_classes, needs_scope(Scope.CONTRACTS_CHECK)]

    @extend_schema(
        summary="Validate one payload",
        operation_id="contract_payloads_validate",
        parameters=[KEY],
        request=PayloadSerializer,
        responses=PayloadResultSerializer,
    )
    def post(self, request: Request, key: str) -> Response:
        """Against the published version, or the one named. The payload is not stored, logged or repeated."""
        given = read(PayloadSerializer, request).validated_data
        contract = contract_named(request.user, key)
        return Response(validate_payload(contract, given["payload"], version=given.get("version"), actor=request.user))


class BulkPayloadView(ActorView, APIView):
    """Do these payloads keep the contract? One JSON text a line, one answer a line."""

    permission_classes = [*APIView.permission_classes, needs_scope(Scope.CONTRACTS_CHECK)]
    parser_classes = [NdjsonParser]
    renderer_classes = [NdjsonRenderer, OrjsonRenderer]
    known_parameters = ("version",)

    @extend_schema(
        summary="Validate payloads in bulk",
        operation_id="contract_payloads_validate_bulk",
        parameters=[KEY, OpenApiParameter("version", str, description="Instead of the published version.")],
        request={"application/x-ndjson": OpenApiTypes.BINARY},
        responses={(200, "application/x-ndjson"): LineResultSerializer},
    )
    def post(self, request: Request, key: str) -> StreamingHttpResponse:
        """Each line answers `{"line", "valid", "errors"}`; the last line is `{"summary"}`. Nothing is stored."""
        version = request.query_params.get("version")
        against = held_by_key(key, version=version, actor=request.user)
        arriving: Iterator[bytes] = iter(()) if isinstance(request.data, Mapping) else request.data
        rest: list[bytes] = []
        answers = validate_ndjson(against, (part for parts in (arriving, rest) for part in parts))
        first, second = next(answers), next(answers, None)
        # Read to its bound before the first answer: a caller that sends all before it reads would block us both.
        rest.extend(arriving)
        if second is None:  # of a short answer the length is known
            length = {"Content-Length": str(len(first))}
            return StreamingHttpResponse([first], content_type="application/x-ndjson", headers=length)
        return StreamingHttpResponse(chain((first, second), answers), content_type="application/x-ndjson")
