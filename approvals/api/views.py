"""Changes for programs: read them, open, submit, revise, vote, implement; and the gate."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.doors.api import ActorView, RegisterViewSet, require_revision
from governance.doors.http import PROBLEM
from governance.doors.schema import IF_MATCH, ProblemSerializer
from governance.doors.tokens import needs_scope
from governance.kernel.errors import Invalid
from governance.models import Scope

from ..domain.asked import asked_of
from ..domain.gate import ask_gate
from ..domain.implementing import implement_change
from ..domain.naming import specs_named
from ..domain.queries import (
    changes_touching,
    impact_of_change,
    story_of,
    votes_of,
    with_all_shown,
    written_by,
)
from ..domain.requests import (
    cancel_change,
    decide_on_change,
    open_change,
    reassess_change,
    reopen_change,
    revise_change,
    submit_change,
)
from ..domain.reviewing import close_change
from ..lifecycle import CHANGE
from ..models import ChangeClass, ChangeRequest, ChangeType
from . import serializers as said
from .class_verbs import ClassVerbs
from .composing import ComposingVerbs
from .evidence import EvidenceVerbs
from .verbs import KEY, reading, verb
from .voting import VotingVerbs
from .window_verbs import WindowVerbs


class ChangeFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=CHANGE.choices)
    change_class = django_filters.ChoiceFilter(choices=ChangeClass.choices)
    change_type = django_filters.ChoiceFilter(choices=ChangeType.choices)
    interface = django_filters.CharFilter(method="touching", label="The key of an interface")
    mine = django_filters.ChoiceFilter(
        choices=[("author", "I wrote it"), ("vote", "It waits for my vote")], method="of_mine"
    )

    class Meta:
        model = ChangeRequest
        fields: list[str] = []

    def touching(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return changes_touching(queryset, value)

    def of_mine(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        actor = self.request.user
        if value == "author":
            return queryset.filter(written_by(actor))
        return queryset.filter(pk__in=asked_of(actor, now=timezone.now()).values("pk"))


@extend_schema_view(
    list=extend_schema(
        summary="Changes",
        operation_id="changes_list",
        description="Those that touch what you may see, newest first.",
        responses=said.ChangeRequestListSerializer(many=True),
    ),
    retrieve=extend_schema(summary="One change", operation_id="changes_retrieve", parameters=[KEY]),
)
class ChangeViewSet(ComposingVerbs, VotingVerbs, EvidenceVerbs, ClassVerbs, WindowVerbs, RegisterViewSet):
    queryset = ChangeRequest.objects.all()
    serializer_class = said.ChangeRequestSerializer
    filterset_class = ChangeFilter
    cursor_ordering = ("-key",)

    def get_queryset(self) -> QuerySet:
        return with_all_shown(super().get_queryset())

    def get_serializer_class(self) -> Any:
        return said.ChangeRequestListSerializer if self.action == "list" else super().get_serializer_class()

    def get_permissions(self) -> list[Any]:
        scope = Scope.GATE_READ if self.request.method in ("GET", "HEAD", "OPTIONS") else Scope.CONTRACTS_WRITE
        return [IsAuthenticated(), needs_scope(scope)()]

    def given(self, request: Request) -> dict[str, Any]:
        read = self.serializer_class(data=request.data)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)

    def shown(self, key: str, *, status: int = 200) -> Response:
        self.serializer_class, self.kwargs["key"] = said.ChangeRequestSerializer, key
        response = self.tagged(self.get_object(), status=status)
        if status == 201:
            response["Location"] = f"{self.request.path}{key}/"
        return response

    def do(self, command: Any, change: ChangeRequest, **values: Any) -> Response:
        command(change, now=timezone.now(), actor=self.request.user, **values)
        return self.shown(change.key)

    @extend_schema(
        summary="Open a change",
        operation_id="changes_open",
        request=said.OpenChangeSerializer,
        responses={201: said.ChangeRequestSerializer},
        description="A draft; nobody is asked before it is submitted.",
    )
    def create(self, request: Request) -> Response:
        self.serializer_class = said.OpenChangeSerializer
        values = self.given(request)
        items = specs_named(values.pop("items"), actor=request.user)
        change = open_change(items=items, now=timezone.now(), actor=request.user, **values)
        return self.shown(change.key, status=201)

    @verb("Ask the board", said.NothingSerializer)
    def submit(self, request: Request, key: str) -> Response:
        self.given(request)
        return self.do(submit_change, self.get_object())

    @verb("Write a new revision", said.ReviseSerializer, headers=[IF_MATCH])
    def revise(self, request: Request, key: str) -> Response:
        values, change = self.given(request), self.get_object()
        require_revision(request, change)
        return self.do(revise_change, change, **values)

    @verb("Compute anew what it needs", said.NothingSerializer)
    def reassess(self, request: Request, key: str) -> Response:
        self.given(request)
        return self.do(reassess_change, self.get_object())

    @verb("Decide on the proposed patterns", said.RationaleSerializer)
    def decide(self, request: Request, key: str) -> Response:
        return self.do(decide_on_change, self.get_object(), **self.given(request))

    @verb("Carry it out", said.NothingSerializer)
    def implement(self, request: Request, key: str) -> Response:
        self.given(request)
        return self.do(implement_change, self.get_object())

    @verb("Take it back", said.ReasonSerializer)
    def cancel(self, request: Request, key: str) -> Response:
        return self.do(cancel_change, self.get_object(), **self.given(request))

    @verb("Make a rejected change a draft again", said.NothingSerializer)
    def reopen(self, request: Request, key: str) -> Response:
        self.given(request)
        return self.do(reopen_change, self.get_object())

    @verb("Say what came of it", said.CloseSerializer)
    def close(self, request: Request, key: str) -> Response:
        return self.do(close_change, self.get_object(), **self.given(request))

    @reading("Every vote on any revision", said.VoteSerializer)
    def votes(self, request: Request, key: str) -> Response:
        return Response(said.VoteSerializer(votes_of(self.get_object()), many=True).data)

    @reading("Its story from the audit", said.StepSerializer)
    def history(self, request: Request, key: str) -> Response:
        return Response(said.StepSerializer(story_of(self.get_object()), many=True).data)

    @reading("Who feels it", said.ImpactSerializer)
    def impact(self, request: Request, key: str) -> Response:
        return Response(said.ImpactSerializer(impact_of_change(self.get_object()), many=True).data)


class GateView(ActorView, APIView):
    """May this be released? 200 always, unless the interface or environment is unknown."""

    known_parameters = ("interface", "version", "environment")
    permission_classes = [IsAuthenticated, needs_scope(Scope.GATE_READ)]

    @extend_schema(
        summary="Ask the gate",
        operation_id="gate_ask",
        responses={200: said.GateSerializer, (404, PROBLEM): ProblemSerializer},
        parameters=[
            OpenApiParameter("interface", OpenApiTypes.STR, required=True),
            OpenApiParameter("version", OpenApiTypes.STR, description="Without it: the published version."),
            OpenApiParameter("environment", OpenApiTypes.STR, enum=["DEV", "TEST", "STAGE", "PROD"], default="PROD"),
        ],
    )
    def get(self, request: Request) -> Response:
        named = {name: value for name, value in request.query_params.items() if value}
        if "interface" not in named:
            raise Invalid("Say which interface.", errors={"interface": ["is required, such as IF-SUR-003"]})
        answer = ask_gate(named.pop("interface"), **named, now=timezone.now(), actor=request.user)
        return Response(answer.as_dict())
