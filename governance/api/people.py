"""Who is asking, the teams there are, and what a person should know."""

from django.middleware.csrf import get_token
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..domain.notices import read_notice
from ..domain.queries import notice_named
from ..domain.rules import roles_of, visible
from ..doors.api import ActorView, RegisterViewSet
from ..models import Notice, ServiceToken, Team
from .serializers import MeSerializer, NoticeSerializer, TeamSerializer


class MeView(ActorView, APIView):
    """The actor behind the session or token."""

    @extend_schema(summary="Who am I", operation_id="people_me", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user, token = request.user, request.auth
        teams = user.memberships.filter(until__isnull=True).order_by("team__key")
        machine = isinstance(token, ServiceToken)
        return Response(
            {
                "id": str(user.pk),
                "username": user.username,
                "name": str(user),
                "kind": user.kind,
                "roles": sorted(roles_of(user)),
                "teams": list(teams.values_list("team__key", flat=True)),
                "scopes": list(token.scopes) if machine else None,
                "csrf_token": None if machine else get_token(request._request),
            }
        )


@extend_schema_view(
    list=extend_schema(summary="Teams", operation_id="teams_list"),
    retrieve=extend_schema(summary="One team", operation_id="teams_retrieve"),
)
class TeamViewSet(RegisterViewSet):
    queryset = Team.objects.prefetch_related("roles")
    serializer_class = TeamSerializer


@extend_schema_view(list=extend_schema(summary="My notices", operation_id="notices_list"))
class NoticeViewSet(ActorView, mixins.ListModelMixin, viewsets.GenericViewSet):
    """What the actor should know, newest first."""

    serializer_class = NoticeSerializer
    queryset = Notice.objects.all()
    cursor_ordering = ("-at", "-id")
    lookup_field = "id"

    def get_queryset(self):
        return visible(super().get_queryset(), self.request.user)

    @extend_schema(
        summary="Mark a notice as read", operation_id="notices_read", request=None, responses=NoticeSerializer,
        parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH, description="The notice's id.")],
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def read(self, request: Request, id: str) -> Response:
        """It leaves the list of what is new; the time of the first reading stays."""
        notice = read_notice(notice_named(request.user, id), now=timezone.now(), actor=request.user)
        return Response(self.get_serializer(notice).data)
