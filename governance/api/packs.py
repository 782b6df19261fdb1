"""Audit packs for programs: a quarter as one signed archive, and the key that it is signed with."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..domain.packing import export_quarter, own_key
from ..doors.api import ActorView
from ..doors.packs import PACK_ANSWER, PACK_RENDERERS, pack_response

QUARTER = OpenApiParameter("quarter", OpenApiTypes.STR, OpenApiParameter.PATH, description="Such as 2026-Q2.")


class SealingKeySerializer(serializers.Serializer):
    """The public half of the installation's sealing key."""

    key_id = serializers.CharField(help_text="The first 16 hex digits of the key's SHA-256.")
    algorithm = serializers.CharField(help_text="Ed25519 (RFC 8032).")
    public_key = serializers.CharField(help_text="32 bytes in hex.")


class QuarterPackView(ActorView, APIView):
    """Everything recorded in a quarter, with the proof. For auditors and platform administrators."""

    renderer_classes = PACK_RENDERERS

    @extend_schema(
        summary="Export a quarter's audit pack", operation_id="audit_pack_quarter", parameters=[QUARTER],
        responses=PACK_ANSWER,
    )  # fmt: skip
    def get(self, request: Request, quarter: str) -> FileResponse:
        return pack_response(export_quarter(quarter, now=timezone.now(), actor=request.user))


class SealingKeyView(ActorView, APIView):
    """What a pack's key is compared with."""

    @extend_schema(summary="The sealing key", operation_id="audit_key", responses=SealingKeySerializer)
    def get(self, request: Request) -> Response:
        found: dict[str, Any] = own_key()
        return Response(SealingKeySerializer(found).data)
