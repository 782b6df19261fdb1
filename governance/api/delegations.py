"""Who acts for whom, for programs: read it, lend one's votes, end it."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ..domain.delegating import delegate, end_delegation
from ..domain.rules import visible
from ..doors.api import ActorView, Strict
from ..models import Delegation, User


class DelegationSerializer(serializers.ModelSerializer):
    giver = serializers.CharField(source="giver.username", read_only=True)
    taker = serializers.CharField(source="taker.username", read_only=True)

    class Meta:
        model = Delegation
        fields = ["id", "giver", "taker", "scope", "starts_at", "ends_at", "reason"]


class LendSerializer(Strict, serializers.Serializer):
    """Who acts for the caller, for which seat or role (empty: all that they hold), from when until when."""

    taker = serializers.SlugRelatedField(slug_field="username", queryset=User.objects.filter(kind="PERSON"))
    scope = serializers.CharField(max_length=40, required=False, allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=200)


class NothingSerializer(Strict, serializers.Serializer):
    """An empty object."""


@extend_schema_view(list=extend_schema(summary="Delegations", operation_id="delegations_list"))
class DelegationViewSet(ActorView, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Present, past and planned ones, the latest end first."""

    serializer_class = DelegationSerializer
    queryset = Delegation.objects.select_related("giver", "taker")
    cursor_ordering = ("-ends_at", "-id")

    def get_queryset(self):
        return visible(super().get_queryset(), self.request.user)

    @extend_schema(
        summary="Let somebody act for you", operation_id="delegations_lend", request=LendSerializer,
        responses={201: DelegationSerializer},
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        read = LendSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        made = delegate(request.user, **read.validated_data, now=timezone.now(), actor=request.user)
        return Response(DelegationSerializer(made).data, status=201)

    @extend_schema(
        summary="End a delegation", operation_id="delegations_end", request=NothingSerializer,
        responses=DelegationSerializer,
        description="Now; one that has not begun is taken back whole.",
    )  # fmt: skip
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def end(self, request: Request, pk: str) -> Response:
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        found = self.get_object()
        shown = DelegationSerializer(found)
        end_delegation(found, now=timezone.now(), actor=request.user)
        return Response(shown.data)
