"""Standard changes' templates, emergency blocks and teams' records for programs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.domain.lookups import interface_named
from governance.domain.rules import visible
from governance.doors.api import ActorView, RegisterViewSet, require_revision
from governance.doors.schema import IF_MATCH
from governance.kernel.errors import Invalid

from ..domain.class_queries import block_at, samples_among
from ..domain.emergencies import lift_block
from ..domain.scoring import scores_seen
from ..domain.standard import ask_for_standard_change, draft_template, revise_template, submit_template
from ..domain.templates import retire_template, suspend_template
from ..lifecycle import TEMPLATE
from ..models import ChangeRequest, EmergencyBlock, StandardChangeTemplate
from . import class_serializers as told
from . import serializers as said

KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="Such as rotate-certificate.")
MOST_DAYS = 3660
SAMPLES = Prefetch("samples", ChangeRequest.objects.order_by("key"))


class TemplateFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=TEMPLATE.choices)

    class Meta:
        model = StandardChangeTemplate
        fields: list[str] = []


def verb(summary: str, body: type[serializers.Serializer], *, answers: Any, headers: Any = ()) -> Any:
    """One move of a template: its address, its body, and what it answers."""

    def made(method: Any) -> Any:
        described = extend_schema(
            summary=summary, operation_id=f"templates_{method.__name__}", request=body, parameters=[KEY, *headers],
            responses=answers,
        )  # fmt: skip
        return described(action(detail=True, methods=["post"], serializer_class=body)(method))

    return made


@extend_schema_view(
    list=extend_schema(summary="Templates of standard changes", operation_id="templates_list"),
    retrieve=extend_schema(summary="One template", operation_id="templates_retrieve", parameters=[KEY]),
)
class TemplateViewSet(RegisterViewSet):
    """What may be changed without a vote."""

    queryset = StandardChangeTemplate.objects.select_related("drafted_by").prefetch_related(SAMPLES)
    serializer_class = told.TemplateSerializer
    filterset_class = TemplateFilter

    def given(self, request: Request) -> dict[str, Any]:
        read = self.serializer_class(data=request.data)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)

    def shown(self, key: str, *, status: int = 200) -> Response:
        self.serializer_class, self.kwargs["key"] = told.TemplateSerializer, key
        response = self.tagged(self.get_object(), status=status)
        if status == 201:
            response["Location"] = f"{self.request.path}{key}/"
        return response

    def asked(self, change: Any) -> Response:
        """The change request that came of it."""
        return Response({"change": change.key, "state": change.state}, status=201)

    @extend_schema(
        summary="Draft a template from what went well",
        operation_id="templates_draft",
        request=told.DraftTemplateSerializer,
        responses={201: told.TemplateSerializer},
    )
    def create(self, request: Request) -> Response:
        self.serializer_class = told.DraftTemplateSerializer
        values = self.given(request)
        samples = samples_among(request.user, values.pop("samples"))
        made = draft_template(samples=samples, **values, now=timezone.now(), actor=request.user)
        return self.shown(made.key, status=201)

    @verb("Edit a draft", told.TemplateValuesSerializer, answers=told.TemplateSerializer, headers=[IF_MATCH])
    def revise(self, request: Request, key: str) -> Response:
        values, template = self.given(request), self.get_object()
        require_revision(request, template)
        revise_template(template, **values, now=timezone.now(), actor=request.user)
        return self.shown(key)

    @verb("Ask the board to approve it", said.NothingSerializer, answers={201: told.AskedSerializer})
    def submit(self, request: Request, key: str) -> Response:
        self.given(request)
        return self.asked(submit_template(self.get_object(), now=timezone.now(), actor=request.user))

    @verb("Suspend it", said.ReasonSerializer, answers=told.TemplateSerializer)
    def suspend(self, request: Request, key: str) -> Response:
        suspend_template(self.get_object(), **self.given(request), now=timezone.now(), actor=request.user)
        return self.shown(key)

    @verb("Retire it", said.NothingSerializer, answers=told.TemplateSerializer)
    def retire(self, request: Request, key: str) -> Response:
        self.given(request)
        retire_template(self.get_object(), now=timezone.now(), actor=request.user)
        return self.shown(key)

    @verb("Ask for a change by it", told.AskStandardSerializer, answers={201: told.AskedSerializer})
    def ask(self, request: Request, key: str) -> Response:
        values, template = self.given(request), self.get_object()
        interface = interface_named(request.user, values.pop("interface"))
        change = ask_for_standard_change(
            template, interface=interface, **values, now=timezone.now(), actor=request.user
        )
        return self.asked(change)


@extend_schema_view(
    list=extend_schema(summary="Teams that may call no emergencies", operation_id="emergency_blocks_list")
)
class EmergencyBlockViewSet(ActorView, mixins.ListModelMixin, viewsets.GenericViewSet):
    queryset = EmergencyBlock.objects.select_related("team", "because", "lifted_by")
    serializer_class = told.EmergencyBlockSerializer
    cursor_ordering = ("-since", "id")

    def get_queryset(self) -> QuerySet:
        return visible(super().get_queryset(), self.request.user)

    @extend_schema(
        summary="Lift a block",
        operation_id="emergency_blocks_lift",
        request=said.ReasonSerializer,
        responses=told.EmergencyBlockSerializer,
    )
    @action(detail=True, methods=["post"], serializer_class=said.ReasonSerializer)
    def lift(self, request: Request, pk: str) -> Response:
        read = said.ReasonSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        block = block_at(request.user, pk)
        lift_block(block, **read.validated_data, now=timezone.now(), actor=request.user)
        return Response(told.EmergencyBlockSerializer(block).data)


class TeamScoresView(ActorView, APIView):
    """What came of each team's changes, over those that you may see."""

    known_parameters = ("days",)
    permission_classes = [IsAuthenticated]

    @extend_schema(
        summary="Teams' record",
        operation_id="team_scores",
        parameters=[OpenApiParameter("days", int, default=90, description="How many days back, 1 to 3660.")],
        responses=told.TeamScoresSerializer,
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params.get("days", "90")
        if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:6]) <= MOST_DAYS):
            raise Invalid("Correct days.", errors={"days": [f"a number from 1 to {MOST_DAYS}"]})
        days = int(asked)
        records = scores_seen(request.user, now=timezone.now(), window=dt.timedelta(days=days))
        return Response(told.TeamScoresSerializer({"days": days, "teams": records}).data)
