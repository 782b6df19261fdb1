"""Waivers for programs and people: by age, asked for, mended, prolonged once, revoked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.domain.findings import finding_named
from catalog.domain.lookups import interface_named, possible_owners
from catalog.models import DomainKey
from governance.doors.api import RegisterViewSet, Strict

from ..domain.waivers import remediate_waiver, renew_waiver, revoke_waiver
from ..domain.waiving import request_waiver
from ..lifecycle import WAIVER
from ..models import ChangeItem, Waiver, WaiverKind

KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="Such as WV-2026-0042.")


class WaiverSerializer(serializers.ModelSerializer):
    """What is tolerated and until when; `covers` names the pattern, the obligation, or the finding's fingerprint."""

    interface = serializers.CharField(source="interface.key", read_only=True)
    finding = serializers.UUIDField(source="finding_id", read_only=True, allow_null=True)
    remediation_owner = serializers.CharField(source="remediation_owner.username", read_only=True)
    requested_by = serializers.CharField(source="requested_by.username", read_only=True)
    change = serializers.SerializerMethodField(help_text="The change that asks, or asked, for it.")
    days_left = serializers.SerializerMethodField(help_text="While it is ACTIVE.")

    class Meta:
        model = Waiver
        fields = [
            "key", "kind", "state", "interface", "finding", "covers", "prohibited", "justification",
            "compensating_control", "remediation", "remediation_owner", "remediation_due", "requested_by",
            "requested_at", "days", "starts_at", "expires_at", "days_left", "renewed_at", "settled_at", "change",
            "revision",
        ]  # fmt: skip

    def get_change(self, waiver: Waiver) -> str | None:
        carried = [item.change.key for item in waiver.carried_by]  # type: ignore[attr-defined]
        return carried[0] if carried else None

    def get_days_left(self, waiver: Waiver) -> int | None:
        if waiver.state != "ACTIVE" or waiver.expires_at is None:
            return None
        return max(0, (waiver.expires_at - timezone.now()).days)


class WaiverRequestSerializer(Strict, serializers.Serializer):
    """Of `finding` (its id) and `covers` (a pattern or an obligation), the one that the kind asks for."""

    interface = serializers.CharField(max_length=24)
    kind = serializers.ChoiceField(choices=WaiverKind.choices)
    finding = serializers.UUIDField(required=False)
    covers = serializers.CharField(max_length=80, required=False)
    days = serializers.IntegerField(min_value=1, max_value=365)
    justification = serializers.CharField(max_length=4000)
    compensating_control = serializers.CharField(max_length=4000)
    remediation = serializers.CharField(max_length=4000)
    remediation_owner = serializers.SlugRelatedField(slug_field="username", queryset=possible_owners()[1])
    remediation_due = serializers.DateField()
    evidence = serializers.DictField(child=serializers.CharField(max_length=500), required=False)


class RemediatedSerializer(Strict, serializers.Serializer):
    done = serializers.CharField(max_length=4000, help_text="What was done, and where it can be seen.")


class RenewalSerializer(Strict, serializers.Serializer):
    days = serializers.IntegerField(min_value=1, max_value=365, help_text="From now.")
    reason = serializers.CharField(max_length=4000)


class WaiverReasonSerializer(Strict, serializers.Serializer):
    reason = serializers.CharField(max_length=4000)


class WaiverFilter(django_filters.FilterSet):
    """The list's filters; `interface` is its key."""

    state = django_filters.ChoiceFilter(choices=WAIVER.choices)
    kind = django_filters.ChoiceFilter(choices=WaiverKind.choices)
    domain = django_filters.ChoiceFilter(choices=DomainKey.choices, field_name="interface__provider__domain__key")
    interface = django_filters.CharFilter(field_name="interface__key", max_length=40)
    expires_before = django_filters.IsoDateTimeFilter(field_name="expires_at", lookup_expr="lt")

    class Meta:
        model = Waiver
        fields: list[str] = []


def verb(summary: str, body: type[serializers.Serializer]) -> Any:
    """One move of a waiver: its address, its body, and the waiver as it then is."""

    def made(method: Any) -> Any:
        described = extend_schema(
            summary=summary, operation_id=f"waivers_{method.__name__}", request=body, parameters=[KEY],
            responses=WaiverSerializer,
        )  # fmt: skip
        return described(action(detail=True, methods=["post"], serializer_class=body, filterset_class=None)(method))

    return made


@extend_schema_view(
    list=extend_schema(summary="Waivers", operation_id="waivers_list"),
    retrieve=extend_schema(summary="One waiver", operation_id="waivers_retrieve", parameters=[KEY]),
)
class WaiverViewSet(RegisterViewSet):
    """What the board tolerates for a time."""

    queryset = Waiver.objects.select_related("interface", "remediation_owner", "requested_by").prefetch_related(
        Prefetch(
            "change_items", ChangeItem.objects.select_related("change").order_by("-change__created_at"), "carried_by"
        )
    )
    serializer_class = WaiverSerializer
    filterset_class = WaiverFilter
    cursor_ordering = ("-requested_at", "key")

    @extend_schema(
        summary="Ask for a waiver", operation_id="waivers_request", request=WaiverRequestSerializer,
        responses={201: WaiverSerializer},
        description="Opens the waiver and the change that asks the board for it, or neither.",
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        said = self.given(request, WaiverRequestSerializer)
        interface = interface_named(request.user, said.pop("interface"))
        if "finding" in said:
            said["finding"] = finding_named(request.user, said["finding"])
        made = request_waiver(interface, **said, now=timezone.now(), actor=request.user)
        response = self.shown(made.key, status=201)
        response["Location"] = f"{request.path}{made.key}/"
        return response

    @verb("Say that it is mended", RemediatedSerializer)
    def remediate(self, request: Request, key: str) -> Response:
        return self.run(request, remediate_waiver, RemediatedSerializer)

    @verb("Prolong it once without the board", RenewalSerializer)
    def renew(self, request: Request, key: str) -> Response:
        return self.run(request, renew_waiver, RenewalSerializer)

    @verb("Revoke it", WaiverReasonSerializer)
    def revoke(self, request: Request, key: str) -> Response:
        return self.run(request, revoke_waiver, WaiverReasonSerializer)

    def given(self, request: Request, body: type[serializers.Serializer]) -> dict[str, Any]:
        read = body(data=request.data)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)

    def run(self, request: Request, command: Callable[..., Any], body: type[serializers.Serializer]) -> Response:
        waiver = self.get_object()
        command(waiver, **self.given(request, body), now=timezone.now(), actor=request.user)
        return self.shown(waiver.key)

    def shown(self, key: str, *, status: int = 200) -> Response:
        self.serializer_class, self.kwargs["key"] = WaiverSerializer, key
        return self.tagged(self.get_object(), status=status)
