"""Audit packs for programs: one change, or one interface with its changes, as one signed archive."""

from __future__ import annotations

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.domain.lookups import interface_named
from governance.doors.api import ActorView
from governance.doors.packs import PACK_ANSWER, PACK_RENDERERS, pack_response

from ..domain.packs import export_change, export_interface
from ..domain.queries import change_page

KEY = OpenApiParameter("key", OpenApiTypes.STR, OpenApiParameter.PATH)


class ChangePackView(ActorView, APIView):
    """The change's whole story, votes and signatures, with the proof. For auditors and platform administrators."""

    renderer_classes = PACK_RENDERERS

    @extend_schema(
        summary="Export a change's audit pack", operation_id="changes_audit_pack", parameters=[KEY],
        responses=PACK_ANSWER,
    )  # fmt: skip
    def get(self, request: Request, key: str) -> FileResponse:
        change = change_page(request.user, key)
        return pack_response(export_change(change, now=timezone.now(), actor=request.user))


class InterfacePackView(ActorView, APIView):
    """The interface with all that hangs on it and its changes, and the proof. For auditors and administrators."""

    renderer_classes = PACK_RENDERERS

    @extend_schema(
        summary="Export an interface's audit pack", operation_id="interfaces_audit_pack", parameters=[KEY],
        responses=PACK_ANSWER,
    )  # fmt: skip
    def get(self, request: Request, key: str) -> FileResponse:
        interface = interface_named(request.user, key)
        return pack_response(export_interface(interface, now=timezone.now(), actor=request.user))
