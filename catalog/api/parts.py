"""What hangs on an interface: owners, consumers, where it runs, readiness, decisions, history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.domain.rules import can
from governance.doors.api import PAGE_PARAMETERS

from ..domain.connections import add_endpoint, bind, subscribe
from ..domain.findings import findings_on, report_finding
from ..domain.lookups import binding_named
from ..domain.owners import assign_owner
from ..domain.queries import history_with_parts, next_move
from ..domain.readiness import attest_fact
from ..domain.reevaluating import ask_reevaluation
from ..models import Interface
from .answers import DecisionRecordSerializer, HistorySerializer, ReadyStateSerializer, missing_documents
from .findings import InterfaceFindingSerializer, NothingSaidSerializer, ReportedFindingSerializer
from .serializers import (
    BindingSerializer,
    EndpointSerializer,
    EvidenceSerializer,
    OwnerSerializer,
    ReadinessSerializer,
    SubscriptionSerializer,
)

LISTED = {"pagination_class": None, "filterset_class": None}
BINDING = OpenApiParameter("binding", str, OpenApiParameter.PATH, description="The binding's id.")


class InterfaceParts:
    """View mixin: the parts of one interface, each listed and, while its state allows, added to."""

    def query_parameters(self) -> Sequence[str]:
        if self.action == "history":
            return PAGE_PARAMETERS
        return super().query_parameters()

    def say(self, serializer: Any, made: Any, *, status: int = 201) -> Response:
        return Response(serializer(made, context=self.part_context(made)).data, status=status)

    def part_context(self, made: Any) -> dict[str, Any]:
        return {"request": self.request, "sees_addresses": True}

    def done(self, serializer: Any, request: Request) -> dict[str, Any]:
        """The request's body, strictly read, with who and when."""
        said = serializer(data=request.data)
        said.is_valid(raise_exception=True)
        return {**said.validated_data, "now": timezone.now(), "actor": request.user}

    @extend_schema(methods=["GET"], summary="Owners", operation_id="owners_list", responses=OwnerSerializer(many=True))
    @extend_schema(
        methods=["POST"], summary="Name an owner", operation_id="owners_assign", request=OwnerSerializer,
        responses={201: OwnerSerializer},
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], **LISTED)
    def owners(self, request: Request, key: str) -> Response:
        """Current and former owners; a new one ends the former of the same kind."""
        interface: Interface = self.get_object()
        if request.method == "POST":
            return self.say(OwnerSerializer, assign_owner(interface, **self.done(OwnerSerializer, request)))
        rows = interface.owners.select_related("team", "person").order_by("kind", "-since")
        return Response(OwnerSerializer(rows, many=True).data)

    @extend_schema(
        methods=["GET"], summary="Consumers", operation_id="subscriptions_list",
        responses=SubscriptionSerializer(many=True),
    )  # fmt: skip
    @extend_schema(
        methods=["POST"], summary="Add a consumer", operation_id="subscriptions_subscribe",
        request=SubscriptionSerializer, responses={201: SubscriptionSerializer},
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], **LISTED)
    def subscriptions(self, request: Request, key: str) -> Response:
        interface: Interface = self.get_object()
        if request.method == "POST":
            return self.say(SubscriptionSerializer, subscribe(interface, **self.done(SubscriptionSerializer, request)))
        rows = interface.subscriptions.select_related("consumer").order_by("consumer__key", "since")
        return Response(SubscriptionSerializer(rows, many=True).data)

    @extend_schema(
        methods=["GET"], summary="Where it runs", operation_id="bindings_list", responses=BindingSerializer(many=True)
    )
    @extend_schema(
        methods=["POST"], summary="Bind it to an environment", operation_id="bindings_bind", request=BindingSerializer,
        responses={201: BindingSerializer},
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], **LISTED)
    def bindings(self, request: Request, key: str) -> Response:
        """Environments and facilities, with endpoints; addresses are null for those who may not see them."""
        interface: Interface = self.get_object()
        if request.method == "POST":
            return self.say(BindingSerializer, bind(interface, **self.done(BindingSerializer, request)))
        rows = interface.bindings.select_related("facility").prefetch_related("endpoints").order_by("environment", "id")
        seen = {"sees_addresses": can(request.user, "see_addresses", interface)}
        return Response(BindingSerializer(rows, many=True, context=seen).data)

    @extend_schema(
        summary="Record an endpoint", operation_id="endpoints_add", request=EndpointSerializer, parameters=[BINDING],
        responses={201: EndpointSerializer},
    )  # fmt: skip
    @action(detail=True, methods=["post"], url_path="bindings/(?P<binding>[0-9a-f-]{36})/endpoints", **LISTED)
    def endpoints(self, request: Request, key: str, binding: str) -> Response:
        found = binding_named(self.get_object(), binding)
        return self.say(EndpointSerializer, add_endpoint(found, **self.done(EndpointSerializer, request)))

    @extend_schema(
        methods=["GET"], summary="What is missing", operation_id="readiness_retrieve", responses=ReadyStateSerializer
    )
    @extend_schema(
        methods=["POST"], summary="State a fact with its evidence", operation_id="readiness_attest",
        request=EvidenceSerializer, responses={201: ReadinessSerializer},
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], **LISTED)
    def readiness(self, request: Request, key: str) -> Response:
        interface: Interface = self.get_object()
        if request.method == "POST":
            return self.say(ReadinessSerializer, attest_fact(interface, **self.done(EvidenceSerializer, request)))
        verb, missing = next_move(interface, now=timezone.now())
        state = {"state": interface.state, "next_move": verb, "ready": bool(verb) and not missing}
        shown = {**state, "missing": missing_documents(missing), "facts": interface.readiness.all()}
        return Response(ReadyStateSerializer(shown).data)

    @extend_schema(
        methods=["GET"], summary="What stands against it", operation_id="interface_findings_list",
        responses=InterfaceFindingSerializer(many=True),
    )  # fmt: skip
    @extend_schema(
        methods=["POST"], summary="Report a finding", operation_id="interface_findings_report",
        request=ReportedFindingSerializer, responses={201: InterfaceFindingSerializer},
    )  # fmt: skip
    @action(detail=True, methods=["get", "post"], **LISTED)
    def findings(self, request: Request, key: str) -> Response:
        """The open and the waived ones, the worst first; a person may report another."""
        interface: Interface = self.get_object()
        if request.method == "POST":
            made = report_finding(interface, **self.done(ReportedFindingSerializer, request))
            return self.say(InterfaceFindingSerializer, made)
        return Response(InterfaceFindingSerializer(findings_on(interface), many=True).data)

    @extend_schema(
        summary="Hold it against policy now", operation_id="interfaces_reevaluate",
        request=NothingSaidSerializer, responses=InterfaceFindingSerializer(many=True),
    )  # fmt: skip
    @action(detail=True, methods=["post"], **LISTED)
    def reevaluate(self, request: Request, key: str) -> Response:
        """Raises and settles what policy finds, as each change of facts or tables does; answers with what stands."""
        interface: Interface = self.get_object()
        ask_reevaluation(interface, **self.done(NothingSaidSerializer, request))
        return Response(InterfaceFindingSerializer(findings_on(interface), many=True).data)

    @extend_schema(summary="Decisions", operation_id="decisions_list", responses=DecisionRecordSerializer(many=True))
    @action(detail=True, methods=["get"], **LISTED)
    def decisions(self, request: Request, key: str) -> Response:
        """Every decision on its pattern, the newest first."""
        rows = self.get_object().decisions.select_related("decided_by", "superseded_by")
        return Response(DecisionRecordSerializer(rows, many=True).data)

    @extend_schema(summary="History", operation_id="history_list", responses=HistorySerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None)
    def history(self, request: Request, key: str) -> Response:
        """Every recorded step of the interface and of its parts, the newest first."""
        page = self.paginate_queryset(history_with_parts(self.get_object()))
        return self.get_paginated_response(HistorySerializer(page, many=True).data)
