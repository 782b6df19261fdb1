"""The asker's own calendar address, and what the calendar holds between two times, for programs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.doors.api import ActorView
from governance.doors.http import PROBLEM
from governance.doors.schema import ProblemSerializer

from ..domain.calendar_queries import calendar_between, scope_of_keys
from ..domain.feeds import issue_feed, own_feed, revoke_feed
from . import calendar_serializers as told
from . import serializers as said


class CalendarFeedView(ActorView, APIView):
    """Your secret address for calendar programs. It is told once, when it is made."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        summary="Your calendar address",
        operation_id="calendar_feed_retrieve",
        responses={200: told.FeedSerializer, (404, PROBLEM): ProblemSerializer},
    )
    def get(self, request: Request) -> Response:
        return Response(told.FeedSerializer(own_feed(request.user)).data)

    @extend_schema(
        summary="Get a calendar address, or another one",
        operation_id="calendar_feed_issue",
        request=said.NothingSerializer,
        responses={201: told.IssuedFeedSerializer},
        description="The one before answers nothing any more.",
    )
    @sensitive_variables("secret", "told_once")
    def post(self, request: Request) -> Response:
        read = said.NothingSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        feed, secret = issue_feed(now=timezone.now(), actor=request.user)
        told_once: dict[str, Any] = dict(told.FeedSerializer(feed).data)
        told_once["address"] = request.build_absolute_uri(reverse("approvals:feed", args=[secret]))
        return Response(told_once, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(
        summary="Take your calendar address back",
        operation_id="calendar_feed_revoke",
        responses={200: told.FeedSerializer, (404, PROBLEM): ProblemSerializer},
    )
    def delete(self, request: Request) -> Response:
        feed = revoke_feed(own_feed(request.user), now=timezone.now(), actor=request.user)
        return Response(told.FeedSerializer(feed).data)


class CalendarTimesView(ActorView, APIView):
    """Every time of every entry, and every change's window, between two times."""

    known_parameters = ("start", "end", "kind", "facility", "domain", "system")
    permission_classes = [IsAuthenticated]

    @extend_schema(
        summary="What the calendar holds between two times",
        operation_id="calendar_times_list",
        parameters=[told.TimesAskedSerializer],
        responses={200: told.TimeSerializer(many=True), (404, PROBLEM): ProblemSerializer},
        description="At most 62 days. Repeated entries are told time by time.",
    )
    def get(self, request: Request) -> Response:
        read = told.TimesAskedSerializer(data=request.query_params.dict())
        read.is_valid(raise_exception=True)
        asked = dict(read.validated_data)
        kind = asked.pop("kind", "")
        start, end = asked.pop("start"), asked.pop("end")
        shown = calendar_between(
            start, end, kinds=[kind] if kind else [], scope=scope_of_keys(request.user, **asked),
            now=timezone.now(), actor=request.user,
        )  # fmt: skip
        return Response(told.TimeSerializer(shown, many=True).data)
