"""Webhooks for programs: set up an endpoint, rotate its secret, switch it, see its deliveries and send them again."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ..domain import delivering
from ..domain.queries import delivery_named, webhook_named
from ..domain.rules import visible
from ..domain.webhooks import amend_endpoint, open_endpoint, rotate_secret, switch_endpoint
from ..doors.api import ActorView, Strict
from ..kernel.errors import NotFound
from ..lifecycle import DELIVERY
from ..models import Team, WebhookDelivery, WebhookEndpoint
from .delegations import NothingSerializer

ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="The endpoint's id.")
DELIVERY_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="The delivery's id.")


class WebhookSerializer(serializers.ModelSerializer):
    """``failing_since``: no message was taken since then. The secret is not shown again."""

    team = serializers.CharField(source="team.key", read_only=True)
    event_types = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = WebhookEndpoint
        fields = ["id", "name", "url", "team", "event_types", "active", "failing_since", "created_at"]


class WebhookSecretSerializer(WebhookSerializer):
    """The endpoint, and its new secret: this once."""

    secret = serializers.CharField()

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class WebhookValuesSerializer(Strict, serializers.Serializer):
    """``event_types`` are whole types, or beginnings such as ``change.``; none: every event."""

    name = serializers.CharField(max_length=80)
    url = serializers.CharField(max_length=300)
    event_types = serializers.ListField(child=serializers.CharField(max_length=80), required=False, max_length=50)


class OpenWebhookSerializer(WebhookValuesSerializer):
    team = serializers.SlugRelatedField(slug_field="key", queryset=Team.objects.all())


class SwitchWebhookSerializer(Strict, serializers.Serializer):
    active = serializers.BooleanField()


class ReplayWebhookSerializer(Strict, serializers.Serializer):
    """Everything since then, or only what was given up."""

    since = serializers.DateTimeField()
    dead_only = serializers.BooleanField(required=False)


class ReplayedWebhookSerializer(serializers.Serializer):
    replayed = serializers.IntegerField()


class WebhookDeliverySerializer(serializers.ModelSerializer):
    """One event for one endpoint; ``status`` is that of the last answer, whose body is never kept."""

    endpoint = serializers.UUIDField(source="endpoint_id", read_only=True)
    event = serializers.DictField(help_text="The CloudEvent as it is sent.")

    class Meta:
        model = WebhookDelivery
        fields = [
            "id", "endpoint", "event_id", "event_type", "event", "state", "due_at", "attempts", "status", "error",
            "delivered_at", "created_at",
        ]  # fmt: skip


class DeliveryFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=DELIVERY.choices)
    endpoint = django_filters.UUIDFilter()
    event_type = django_filters.CharFilter()

    class Meta:
        model = WebhookDelivery
        fields: list[str] = []


def verb(summary: str, body: Any, answers: Any, *, name: str, parameter: OpenApiParameter = ID) -> Any:
    """One move of an endpoint or delivery."""

    def made(method: Any) -> Any:
        described = extend_schema(
            summary=summary, operation_id=f"webhooks_{name}", request=body, responses=answers, parameters=[parameter]
        )
        return described(action(detail=True, methods=["post"], serializer_class=body)(method))

    return made


@extend_schema_view(list=extend_schema(summary="Webhook endpoints", operation_id="webhooks_list"))
class WebhookViewSet(ActorView, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Those that the caller may see, by name."""

    queryset = WebhookEndpoint.objects.select_related("team")
    serializer_class = WebhookSerializer
    cursor_ordering = ("name", "id")
    lookup_field = "id"
    lookup_value_regex = "[0-9a-fA-F-]{36}"

    def get_queryset(self) -> QuerySet:
        return visible(super().get_queryset(), self.request.user)

    def endpoint(self, named: str) -> WebhookEndpoint:
        return webhook_named(self.request.user, uuid_of(named))

    def given(self, request: Request, form: type[serializers.Serializer]) -> dict[str, Any]:
        read = form(data=request.data)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)

    def by(self, request: Request) -> dict[str, Any]:
        return {"now": timezone.now(), "actor": request.user}

    @extend_schema(
        summary="Set up an endpoint", operation_id="webhooks_open", request=OpenWebhookSerializer,
        responses={201: WebhookSecretSerializer}, description="Its secret is in this answer and in no other.",
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        made, secret = open_endpoint(**self.given(request, OpenWebhookSerializer), **self.by(request))
        return Response({**WebhookSerializer(made).data, "secret": secret}, status=201)

    @extend_schema(summary="One endpoint", operation_id="webhooks_retrieve", parameters=[ID])
    def retrieve(self, request: Request, id: str) -> Response:
        return Response(WebhookSerializer(self.endpoint(id)).data)

    @extend_schema(
        summary="Change an endpoint", operation_id="webhooks_amend", request=WebhookValuesSerializer,
        responses=WebhookSerializer, parameters=[ID],
    )  # fmt: skip
    def update(self, request: Request, id: str) -> Response:
        values = {"event_types": [], **self.given(request, WebhookValuesSerializer)}
        return Response(WebhookSerializer(amend_endpoint(self.endpoint(id), **values, **self.by(request))).data)

    @verb("Give it a new secret", NothingSerializer, WebhookSecretSerializer, name="rotate")
    def rotate(self, request: Request, id: str) -> Response:
        """The former one counts for 24 hours more."""
        self.given(request, NothingSerializer)
        endpoint = self.endpoint(id)
        secret = rotate_secret(endpoint, **self.by(request))
        return Response({**WebhookSerializer(endpoint).data, "secret": secret})

    @verb("Switch it off or on", SwitchWebhookSerializer, WebhookSerializer, name="switch")
    def switch(self, request: Request, id: str) -> Response:
        values = self.given(request, SwitchWebhookSerializer)
        return Response(WebhookSerializer(switch_endpoint(self.endpoint(id), **values, **self.by(request))).data)

    @verb("Send a test event", NothingSerializer, WebhookDeliverySerializer, name="test")
    def test(self, request: Request, id: str) -> Response:
        self.given(request, NothingSerializer)
        return Response(WebhookDeliverySerializer(delivering.send_test(self.endpoint(id), **self.by(request))).data)

    @verb("Send again since a time", ReplayWebhookSerializer, ReplayedWebhookSerializer, name="replay")
    def replay(self, request: Request, id: str) -> Response:
        values = self.given(request, ReplayWebhookSerializer)
        return Response({"replayed": delivering.replay_since(self.endpoint(id), **values, **self.by(request))})


@extend_schema_view(list=extend_schema(summary="Webhook deliveries", operation_id="webhook_deliveries_list"))
class DeliveryViewSet(ActorView, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Those of the endpoints that the caller may see, newest first."""

    queryset = WebhookDelivery.objects.all()
    serializer_class = WebhookDeliverySerializer
    filterset_class = DeliveryFilter
    cursor_ordering = ("-created_at", "-id")
    lookup_field = "id"
    lookup_value_regex = "[0-9a-fA-F-]{36}"

    def get_queryset(self) -> QuerySet:
        return visible(super().get_queryset(), self.request.user)

    @verb(
        "Send one delivery again",
        NothingSerializer,
        WebhookDeliverySerializer,
        name="replay_one",
        parameter=DELIVERY_ID,
    )
    def replay(self, request: Request, id: str) -> Response:
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        found = delivery_named(request.user, uuid_of(id))
        delivering.replay_delivery(found, now=timezone.now(), actor=request.user)
        return Response(WebhookDeliverySerializer(found).data)


def uuid_of(named: str) -> str:
    """What is no id names nothing. Raises ``NotFound``."""
    if len(named.replace("-", "")) != 32:
        raise NotFound("There is nothing at this address, or you may not see it.")
    return named
