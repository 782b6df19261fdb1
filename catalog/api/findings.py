"""Findings for programs: what contradicts policy, and what people say of it."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.doors.api import RegisterViewSet, Strict

from ..domain.findings import dismiss_finding, fix_finding, restore_finding
from ..lifecycle import FINDING
from ..models import DomainKey, Finding, Severity
from .views import REGISTER_PERMISSIONS

ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="The finding's id.")


class InterfaceFindingSerializer(serializers.ModelSerializer):
    """What contradicts policy about one interface; `waiver` covers it while it is WAIVED."""

    interface = serializers.SlugRelatedField(slug_field="key", read_only=True)
    domain = serializers.CharField(source="interface.provider.domain.key", read_only=True)
    details = serializers.DictField()

    class Meta:
        model = Finding
        fields = [
            "id", "interface", "domain", "code", "fingerprint", "severity", "message", "details", "source", "state",
            "waiver", "found_at", "settled_at", "revision",
        ]  # fmt: skip


class ReportedFindingSerializer(Strict, serializers.Serializer):
    """What a person saw."""

    severity = serializers.ChoiceField(choices=Severity.choices)
    message = serializers.CharField(max_length=400)


class NothingSaidSerializer(Strict, serializers.Serializer):
    """An empty object."""


class FindingReasonSerializer(Strict, serializers.Serializer):
    """Why; kept with the finding."""

    reason = serializers.CharField(max_length=2000)


class FindingFilter(django_filters.FilterSet):
    """The list's filters; `interface` is its key."""

    state = django_filters.ChoiceFilter(choices=FINDING.choices)
    severity = django_filters.ChoiceFilter(choices=Severity.choices)
    domain = django_filters.ChoiceFilter(choices=DomainKey.choices, field_name="interface__provider__domain__key")
    code = django_filters.CharFilter(lookup_expr="iexact", max_length=40)
    interface = django_filters.CharFilter(field_name="interface__key", max_length=40)

    class Meta:
        model = Finding
        fields: list[str] = []


def verb(summary: str) -> Any:
    def made(method: Any) -> Any:
        described = extend_schema(
            summary=summary, operation_id=f"findings_{method.__name__}", request=FindingReasonSerializer,
            responses=InterfaceFindingSerializer, parameters=[ID],
        )  # fmt: skip
        return described(
            action(detail=True, methods=["post"], serializer_class=FindingReasonSerializer, filterset_class=None)(
                method
            )
        )

    return made


@extend_schema_view(
    list=extend_schema(summary="Findings", operation_id="findings_list"),
    retrieve=extend_schema(summary="One finding", operation_id="findings_retrieve", parameters=[ID]),
)
class FindingViewSet(RegisterViewSet):
    """What contradicts policy, until it is fixed, waived or shown to be none."""

    queryset = Finding.objects.select_related("interface__provider__domain")
    serializer_class = InterfaceFindingSerializer
    permission_classes = REGISTER_PERMISSIONS
    filterset_class = FindingFilter
    lookup_field = "id"
    cursor_ordering = ("-found_at", "id")

    @verb("Say that what a person reported is fixed")
    def fix(self, request: Request, id: str) -> Response:
        return self.said(request, fix_finding)

    @verb("Say that it never was one")
    def dismiss(self, request: Request, id: str) -> Response:
        return self.said(request, dismiss_finding)

    @verb("Open it again")
    def restore(self, request: Request, id: str) -> Response:
        return self.said(request, restore_finding)

    def said(self, request: Request, command: Any) -> Response:
        finding, why = self.get_object(), FindingReasonSerializer(data=request.data)
        why.is_valid(raise_exception=True)
        made = command(finding, reason=why.validated_data["reason"], now=timezone.now(), actor=request.user)
        return Response(InterfaceFindingSerializer(made).data, headers={"ETag": self.etag(made)})
