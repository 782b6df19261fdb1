"""The calendar for programs: read, declare, amend and withdraw its entries."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.doors.api import RegisterViewSet, require_revision
from governance.doors.schema import IF_MATCH

from ..domain.calendar import amend_calendar_entry, declare_calendar_entry, withdraw_calendar_entry
from ..models import CalendarEntry, CalendarKind
from . import calendar_serializers as told
from . import serializers as said

ID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class CalendarFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=CalendarKind.choices)
    domain = django_filters.CharFilter(field_name="domain__key")
    facility = django_filters.CharFilter(field_name="facility__key")
    system = django_filters.CharFilter(field_name="system__key")
    withdrawn = django_filters.ChoiceFilter(
        choices=[("true", "Only withdrawn ones"), ("false", "Only standing ones")], method="of_withdrawn"
    )

    class Meta:
        model = CalendarEntry
        fields: list[str] = []

    def of_withdrawn(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(withdrawn_at__isnull=value == "false")


@extend_schema_view(
    list=extend_schema(summary="Freezes, maintenance windows and quiet times", operation_id="calendar_list"),
    retrieve=extend_schema(summary="One calendar entry", operation_id="calendar_retrieve", parameters=[ID]),
)
class CalendarViewSet(RegisterViewSet):
    """When nothing may move, when it best does, and when it better does not."""

    queryset = CalendarEntry.objects.select_related("domain", "facility", "system")
    serializer_class = told.CalendarEntrySerializer
    filterset_class = CalendarFilter
    lookup_field = "id"
    cursor_ordering = ("starts_at", "id")

    def given(self, body: type[serializers.Serializer], request: Request) -> dict[str, Any]:
        read = body(data=request.data, context={"request": request})
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)

    @extend_schema(
        summary="Declare a calendar entry",
        operation_id="calendar_declare",
        request=told.DeclareEntrySerializer,
        responses={201: told.CalendarEntrySerializer},
    )
    def create(self, request: Request) -> Response:
        values = self.given(told.DeclareEntrySerializer, request)
        made = declare_calendar_entry(**values, now=timezone.now(), actor=request.user)
        response = self.tagged(made, status=201)
        response["Location"] = f"{request.path}{made.pk}/"
        return response

    @extend_schema(
        summary="Amend a calendar entry",
        operation_id="calendar_amend",
        request=told.AmendEntrySerializer,
        parameters=[ID, IF_MATCH],
        responses=told.CalendarEntrySerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:
        entry = self.get_object()
        values = self.given(told.AmendEntrySerializer, request)
        require_revision(request, entry)
        return self.tagged(amend_calendar_entry(entry, **values, now=timezone.now(), actor=request.user))

    @extend_schema(
        summary="Withdraw a calendar entry",
        operation_id="calendar_withdraw",
        request=said.ReasonSerializer,
        parameters=[ID],
        responses=told.CalendarEntrySerializer,
    )
    @action(detail=True, methods=["post"], serializer_class=said.ReasonSerializer)
    def withdraw(self, request: Request, id: str) -> Response:
        values = self.given(said.ReasonSerializer, request)
        entry = withdraw_calendar_entry(self.get_object(), **values, now=timezone.now(), actor=request.user)
        self.serializer_class = told.CalendarEntrySerializer
        return self.tagged(entry)
