"""Interfaces: the register, proposals, what policy says of them, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.doors.api import ActorView, RegisterViewSet, require_revision

from ..domain.assessing import assess_draft, assess_facts
from ..domain.decisions import assess_interface, decide_pattern
from ..domain.interfaces import register_interface, revise_interface, withdraw_interface
from ..domain.queries import register_of, register_rows
from ..models import Interface
from .answers import (
    AssessmentRequestSerializer,
    AssessmentSerializer,
    DecisionRecordSerializer,
    PatternRationaleSerializer,
    WithdrawalSerializer,
    assessment_document,
)
from .parts import InterfaceParts
from .serializers import InterfacePatchSerializer, InterfaceSerializer
from .views import REGISTER_PERMISSIONS, InterfaceFilter


@extend_schema_view(
    list=extend_schema(summary="The register", operation_id="interfaces_list"),
    retrieve=extend_schema(summary="One interface", operation_id="interfaces_retrieve"),
)
class InterfaceViewSet(InterfaceParts, RegisterViewSet):
    """Promises of data from one system to another."""

    queryset = register_rows()
    serializer_class = InterfaceSerializer
    permission_classes = REGISTER_PERMISSIONS
    filterset_class = InterfaceFilter

    @property
    def cursor_ordering(self) -> Sequence[str]:
        return ("-seq",) if self.action == "history" else ("key",)

    @extend_schema(
        summary="Propose an interface", operation_id="interfaces_register", request=InterfaceSerializer,
        responses={201: InterfaceSerializer},
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        said = InterfaceSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        made = register_interface(**said.validated_data, now=timezone.now(), actor=request.user)
        return self.fresh(made, status=201)

    @extend_schema(
        summary="Correct a proposal", operation_id="interfaces_revise", request=InterfacePatchSerializer,
        responses=InterfaceSerializer,
    )  # fmt: skip
    def partial_update(self, request: Request, key: str) -> Response:
        interface = self.get_object()
        require_revision(request, interface)
        said = InterfacePatchSerializer(interface, data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        return self.fresh(revise_interface(interface, **said.validated_data, now=timezone.now(), actor=request.user))

    @extend_schema(summary="What policy says", operation_id="interfaces_assessment", responses=AssessmentSerializer)
    @action(detail=True, methods=["get"], filterset_class=None)
    def assessment(self, request: Request, key: str) -> Response:
        """Verdicts, deviation, decider and obligations for the interface as it stands."""
        return Response(AssessmentSerializer(assessment_document(assess_interface(self.get_object()))).data)

    @extend_schema(
        summary="Decide the pattern", operation_id="interfaces_decide_pattern", request=PatternRationaleSerializer,
        responses={201: DecisionRecordSerializer},
    )  # fmt: skip
    @action(detail=True, methods=["post"], url_path="decide-pattern", filterset_class=None)
    def decide_pattern(self, request: Request, key: str) -> Response:
        """Record the decision on the chosen patterns, as the person whose decision it is."""
        interface, said = self.get_object(), PatternRationaleSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        record = decide_pattern(interface, **said.validated_data, now=timezone.now(), actor=request.user)
        return Response(DecisionRecordSerializer(record).data, status=201)

    @extend_schema(
        summary="Withdraw a proposal", operation_id="interfaces_withdraw", request=WithdrawalSerializer,
        responses=InterfaceSerializer,
    )  # fmt: skip
    @action(detail=True, methods=["post"], filterset_class=None)
    def withdraw(self, request: Request, key: str) -> Response:
        interface, said = self.get_object(), WithdrawalSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return self.fresh(withdraw_interface(interface, **said.validated_data, now=timezone.now(), actor=request.user))

    def fresh(self, interface: Interface, *, status: int = 200) -> Response:
        """The record as it is stored now, with what its representation shows of others."""
        return self.tagged(register_of(self.request.user).get(pk=interface.pk), status=status)


class AssessmentView(ActorView, APIView):
    """Asking policy before anything is stored."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        summary="Assess facts or a draft", operation_id="assessments_create", request=AssessmentRequestSerializer,
        responses=AssessmentSerializer,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Nothing is stored. What a draft does not say yet counts as missing."""
        asked = AssessmentRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said: dict[str, Any] = asked.validated_data
        if "draft" in said:
            assessed = assess_draft(said["draft"], chosen=said.get("chosen"), actor=request.user)
        else:
            assessed = assess_facts(said["facts"], chosen=said.get("chosen", []))
        return Response(AssessmentSerializer(assessment_document(assessed)).data)
