"""What a change's window runs into, and the next one that is free, for programs."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ..domain.conflicts import conflicts_of
from ..domain.suggesting import window_for
from . import calendar_serializers as told
from .verbs import KEY, reading


class WindowVerbs:
    """Two readings of one change; mixed into the view of changes."""

    get_object: Any

    @reading("What its window runs into", told.WindowConflictSerializer)
    def conflicts(self, request: Request, key: str) -> Response:
        found = conflicts_of(self.get_object(), now=timezone.now(), actor=request.user)
        return Response(told.WindowConflictSerializer(found, many=True).data)

    @extend_schema(
        summary="The next window that is free for it",
        operation_id="changes_suggested_window",
        parameters=[KEY],
        responses=told.SuggestedWindowSerializer,
    )
    @action(
        detail=True, methods=["get"], url_path="suggested-window", filterset_class=None, filter_backends=[],
        pagination_class=None,
    )  # fmt: skip
    def suggested_window(self, request: Request, key: str) -> Response:
        found = window_for(self.get_object(), now=timezone.now(), actor=request.user)
        return Response(told.SuggestedWindowSerializer(found).data)
