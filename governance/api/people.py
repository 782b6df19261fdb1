"""Who is asking, the teams there are, and what a person should know."""

from django.middleware.csrf import get_token
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..domain.notices import read_all_notices, read_notice, resend_notice, wish_mail
from ..domain.queries import dead_mail_named, notice_named
from ..domain.rules import roles_of, visible
from ..doors.api import ActorView, RegisterViewSet
from ..models import Notice, ServiceToken, Team
from .serializers import MailWishSerializer, MeSerializer, NoticeSerializer, ReadAllSerializer, TeamSerializer


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

    @extend_schema(
        summary="Mark all notices as read", operation_id="notices_read_all", request=None, responses=ReadAllSerializer
    )
    @action(detail=False, methods=["post"], url_path="read-all", serializer_class=ReadAllSerializer)
    def read_all(self, request: Request) -> Response:
        return Response({"read": read_all_notices(now=timezone.now(), actor=request.user)})

    @extend_schema(
        summary="Mail once more what was given up", operation_id="notices_resend", request=None,
        responses=NoticeSerializer,
        parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH, description="The notice's id.")],
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, id: str) -> Response:
        notice = resend_notice(dead_mail_named(request.user, id), now=timezone.now(), actor=request.user)
        return Response(self.get_serializer(notice).data)


class MailView(ActorView, APIView):
    """How the caller hears by mail."""

    @extend_schema(summary="How I hear by mail", operation_id="people_me_mail", responses=MailWishSerializer)
    def get(self, request: Request) -> Response:
        return Response(MailWishSerializer(request.user).data)

    @extend_schema(
        summary="Choose how I hear by mail", operation_id="people_me_wish_mail", request=MailWishSerializer,
        responses=MailWishSerializer,
    )  # fmt: skip
    def put(self, request: Request) -> Response:
        read = MailWishSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        said = read.validated_data
        wished = {"wish": said["mail"], "timezone": said.get("timezone", "")}
        person = wish_mail(request.user, **wished, now=timezone.now(), actor=request.user)
        return Response(MailWishSerializer(person).data)
