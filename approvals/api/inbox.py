"""The inbox for programs: what is asked of the caller, what waits on others, which votes a revision made stale."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from governance.doors.api import ActorView
from governance.doors.tokens import needs_scope
from governance.kernel.errors import Invalid
from governance.models import Scope

from ..domain.inbox import TABS, InboxRow, inbox_counts, inbox_of, inbox_rows, with_inbox_shown
from ..lifecycle import CHANGE
from ..models import ChangeClass, ChangeRequest, ChangeType
from .serializers import BecauseSerializer, SeatSerializer

TAB = OpenApiParameter(
    "tab", OpenApiTypes.STR, enum=TABS, default="mine",
    description="What is asked of the caller; what of theirs waits on others; where their votes are stale.",
)  # fmt: skip


class InboxFilter(django_filters.FilterSet):
    change_class = django_filters.ChoiceFilter(choices=ChangeClass.choices)
    change_type = django_filters.ChoiceFilter(choices=ChangeType.choices)

    class Meta:
        model = ChangeRequest
        fields: list[str] = []


class MissingNeedSerializer(serializers.Serializer):
    """A need that is not met: which of its roles are missing, whom to ask, or why nobody can be asked."""

    requirement = serializers.CharField(source="label")
    rules = serializers.ListField(child=serializers.CharField())
    why = serializers.CharField(allow_blank=True)
    seats = SeatSerializer(many=True)


class InboxRowSerializer(serializers.Serializer):
    """One change. ``role`` and ``on_behalf_of`` say how the caller is asked; empty where they are not."""

    key = serializers.CharField(source="change.key")
    title = serializers.CharField(source="change.title")
    change_class = serializers.ChoiceField(ChangeClass.choices, source="change.change_class")
    change_type = serializers.ChoiceField(ChangeType.choices, source="change.change_type")
    state = serializers.ChoiceField(CHANGE.choices, source="change.state")
    requester = serializers.CharField(source="change.requester.username")
    revision_hash = serializers.CharField(source="change.revision_hash")
    lead_hours = serializers.IntegerField(source="change.lead_hours")
    lead_hours_left = serializers.IntegerField(source="lead_left", help_text="Rounded up.")
    window_start = serializers.DateTimeField(source="change.window_start", allow_null=True)
    window_end = serializers.DateTimeField(source="change.window_end", allow_null=True)
    risk = serializers.IntegerField(source="change.risk")
    tier = serializers.IntegerField(allow_null=True)
    phi = serializers.BooleanField()
    role = serializers.SerializerMethodField()
    on_behalf_of = serializers.SerializerMethodField(help_text="The username of the one in whose place; or empty.")
    because = BecauseSerializer(many=True, help_text="The rules that ask the caller.")
    stand_ins = serializers.SerializerMethodField(help_text="Who may act for the caller.")
    missing = MissingNeedSerializer(many=True)

    def get_role(self, row: InboxRow) -> str:
        return row.waiting.standing.role if row.waiting else ""

    def get_on_behalf_of(self, row: InboxRow) -> str:
        principal = row.waiting.standing.on_behalf_of if row.waiting else None
        return principal.username if principal else ""

    def get_stand_ins(self, row: InboxRow) -> list[str]:
        return list(row.waiting.stand_ins) if row.waiting else []


class InboxCountsSerializer(serializers.Serializer):
    """How many changes each tab holds."""

    mine = serializers.IntegerField()
    waiting = serializers.IntegerField()
    stale = serializers.IntegerField()


@extend_schema_view(list=extend_schema(summary="My inbox", operation_id="inbox_list", parameters=[TAB]))
class InboxViewSet(ActorView, mixins.ListModelMixin, viewsets.GenericViewSet):
    """One tab of the caller's inbox, the newest change first."""

    queryset = ChangeRequest.objects.all()
    serializer_class = InboxRowSerializer
    filterset_class = InboxFilter
    cursor_ordering = ("-key",)
    known_parameters = ("tab",)
    permission_classes = [IsAuthenticated, needs_scope(Scope.GATE_READ)]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset().none()
        tab = self.request.query_params.get("tab", "mine")
        if tab not in TABS:
            raise Invalid("There is no such tab.", errors={"tab": [f"one of {', '.join(TABS)}"]})
        return with_inbox_shown(inbox_of(self.request.user, tab, now=timezone.now()))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        rows = inbox_rows(found, request.user, now=timezone.now())
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    @extend_schema(summary="How much is in my inbox", operation_id="inbox_counts", responses=InboxCountsSerializer)
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None, serializer_class=None)
    def counts(self, request: Request) -> Response:
        counted = inbox_counts(request.user, now=timezone.now())
        return Response(InboxCountsSerializer(counted).data)
