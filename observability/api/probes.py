"""Probes for programs: read them, register one, send a heartbeat."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.domain.lookups import endpoints_of, interface_named
from catalog.models import Interface, InterfaceEndpoint
from governance.doors.registers import RegisterViewSet
from governance.doors.tokens import needs_scope
from governance.kernel.errors import Invalid
from governance.models import Scope

from ..domain.probing import record_beat, register_probe
from ..domain.queries import checks_of
from ..models import Probe
from .serializers import (
    BeatSerializer,
    BeatTakenSerializer,
    MeasurementSerializer,
    NewProbeSerializer,
    ProbeSerializer,
)

TELEMETRY = needs_scope(Scope.TELEMETRY_WRITE)
SPAN = [
    OpenApiParameter(name, {"type": "string", "format": "date-time"}, description=said)
    for name, said in (("since", "Checks from this time on."), ("until", "Checks before this time."))
]


class ProbeFilter(filters.FilterSet):
    interface = filters.CharFilter(field_name="interface__key")
    domain = filters.CharFilter(field_name="interface__provider__domain__key")

    class Meta:
        model = Probe
        fields = ("state", "kind", "enabled")


@extend_schema_view(list=extend_schema(summary="Probes"), retrieve=extend_schema(summary="One probe"))
class ProbeViewSet(RegisterViewSet):
    """What is asked of interfaces, and how they stand."""

    queryset = Probe.objects.select_related("interface")
    serializer_class = ProbeSerializer
    filterset_class = ProbeFilter
    lookup_field = "id"
    cursor_ordering = ("created_at", "id")

    def get_permissions(self) -> list[Any]:
        """A token that changes something needs its scope; reading goes by what its account may see."""
        own = [TELEMETRY()] if self.action in ("create", "beat") else []
        return [*super().get_permissions(), *own]

    def etag(self, record: Any) -> str:
        """The representation shows the last check and beat too."""
        marks = (record.last_checked_at, record.last_beat_at, record.state_since)
        return f'"{record.revision}-{"-".join(str(int(mark.timestamp() * 1000)) if mark else "0" for mark in marks)}"'

    @extend_schema(request=NewProbeSerializer, responses={201: ProbeSerializer})
    def create(self, request: Request) -> Response:
        """Watch an interface. A target in a forbidden network is refused with FORBIDDEN_TARGET."""
        given = NewProbeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        interface = interface_named(request.user, values.pop("interface"))
        endpoint = endpoint_of(interface, values.pop("endpoint"))
        probe = register_probe(interface, endpoint=endpoint, now=timezone.now(), actor=request.user, **values)
        response = self.tagged(probe, status=201)
        response["Location"] = f"{request.path}{probe.pk}/"
        return response

    @extend_schema(request=BeatSerializer, responses=BeatTakenSerializer)
    @action(detail=True, methods=["post"])
    def beat(self, request: Request, **named: str) -> Response:
        """The interface is alive. Needs the scope telemetry:write."""
        probe, now = self.get_object(), timezone.now()
        given = BeatSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        record_beat(probe, at=given.validated_data.get("sent_at", now), now=now, actor=request.user)
        probe.refresh_from_db(fields=["last_beat_at"])
        return Response({"probe": str(probe.pk), "last_beat_at": probe.last_beat_at})

    @extend_schema(parameters=SPAN, responses=MeasurementSerializer(many=True))
    @action(
        detail=True, filterset_class=None, serializer_class=MeasurementSerializer, cursor_ordering=("-at", "-id"),
        known_parameters=("since", "until", "cursor", "page_size"),
    )  # fmt: skip
    def measurements(self, request: Request, **named: str) -> Response:
        """The probe's checks, newest first."""
        rows = checks_of(self.get_object(), **span_of(request))
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


def endpoint_of(interface: Interface, named: object) -> InterfaceEndpoint | None:
    """The interface's endpoint of this id; one that it does not have is an error beside its field."""
    if named is None:
        return None
    found = endpoints_of(interface).filter(pk=named).first()
    if found is None:
        raise Invalid("Correct endpoint.", errors={"endpoint": [f"{interface.key} has no such endpoint"]})
    return found


def span_of(request: Request) -> dict[str, dt.datetime]:
    """The asked span of time; what is no time with a zone is an error beside its parameter."""
    asked = {}
    for name in ("since", "until"):
        text = request.query_params.get(name)
        if text is None:
            continue
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise Invalid(f"Correct {name}.", errors={name: ["a time such as 2026-05-26T09:00:00Z"]})
        asked[name] = moment
    return asked
