"""What programs do to findings and emergencies: report, propose a verdict, ask for the way back, read the review."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.domain.lookups import interface_named

from ..domain.class_queries import review_named
from ..domain.reverting import revert_change
from ..domain.unauthorized import open_unauthorized_change, propose_verdict
from . import class_serializers as told
from . import serializers as said
from .verbs import KEY, verb


class ClassVerbs:
    """The moves of single classes of change; mixed into the view of changes."""

    get_object: Any
    given: Any
    do: Any
    shown: Any

    @extend_schema(
        summary="Report a change that nobody asked for",
        operation_id="changes_open_unauthorized",
        request=told.FindingInputSerializer,
        responses={201: said.ChangeRequestSerializer},
        description="Opens it as DETECTED; the owner and clinical IT are told and judge it.",
    )
    @action(detail=False, methods=["post"], serializer_class=told.FindingInputSerializer)
    def unauthorized(self, request: Request) -> Response:
        read = told.FindingInputSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        interface = interface_named(request.user, read.validated_data["interface"])
        change = open_unauthorized_change(
            interface, found=read.finding(), reason=read.validated_data.get("reason", ""),
            now=timezone.now(), actor=request.user,
        )  # fmt: skip
        return self.born(request, change.key, beside="unauthorized/")

    @verb("Propose what shall become of what was found", told.VerdictSerializer)
    def verdict(self, request: Request, key: str) -> Response:
        return self.do(propose_verdict, self.get_object(), **self.given(request))

    @extend_schema(
        summary="Draft a change that undoes it",
        operation_id="changes_revert",
        request=said.NothingSerializer,
        parameters=[KEY],
        responses={201: said.ChangeRequestSerializer},
    )
    @action(detail=True, methods=["post"], serializer_class=said.NothingSerializer)
    def revert(self, request: Request, key: str) -> Response:
        self.given(request)
        made = revert_change(self.get_object(), now=timezone.now(), actor=request.user)
        return self.born(request, made.key, beside=f"{key}/revert/")

    @extend_schema(
        summary="Its post-implementation review",
        operation_id="changes_review",
        parameters=[KEY],
        responses=told.ReviewSerializer,
    )
    @action(detail=True, methods=["get"], filterset_class=None, filter_backends=[], pagination_class=None)
    def review(self, request: Request, key: str) -> Response:
        return Response(told.ReviewSerializer(review_named(self.get_object())).data)

    def born(self, request: Request, key: str, *, beside: str) -> Response:
        """A new change, with its own address."""
        response: Response = self.shown(key, status=201)
        response["Location"] = f"{request.path.removesuffix(beside)}{key}/"
        return response
