"""Asking the board for a version of a decision table, for programs."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.domain.queries import table_version
from governance.doors.api import ActorView, Strict

from ..domain.policies import ask_for_table
from . import class_serializers as told


class AskTableSerializer(Strict, serializers.Serializer):
    """Why, and from when it shall be in force; without a date as soon as the change is carried out."""

    reason = serializers.CharField(max_length=4000)
    effective_from = serializers.DateTimeField(required=False, allow_null=True)
    title = serializers.CharField(max_length=160, required=False)
    plan = serializers.CharField(max_length=4000, required=False)
    backout = serializers.CharField(max_length=4000, required=False)
    evidence = serializers.DictField(child=serializers.CharField(max_length=500), required=False)
    window_start = serializers.DateTimeField(required=False, allow_null=True)
    window_end = serializers.DateTimeField(required=False, allow_null=True)


class TableSubmitView(ActorView, APIView):
    """A draft goes to the board with a change of policy; from then on its content stands still."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        summary="Ask the board for a version of a table",
        operation_id="table_versions_submit",
        request=AskTableSerializer,
        parameters=[
            OpenApiParameter("key", str, OpenApiParameter.PATH),
            OpenApiParameter("version", str, OpenApiParameter.PATH),
        ],
        responses={201: told.AskedSerializer},
    )
    def post(self, request: Request, key: str, version: str) -> Response:
        read = AskTableSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        table = table_version(request.user, key, version)
        change = ask_for_table(table, **read.validated_data, now=timezone.now(), actor=request.user)
        return Response({"change": change.key, "state": change.state}, status=201)
