"""The board's meetings for programs: plan, fill, order, run, vote, close, sign; and read the minutes."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.doors.api import RegisterViewSet, require_revision
from governance.doors.schema import IF_MATCH

from ..domain import agenda, attendance
from ..domain.meeting_queries import board_named, change_named, item_of, person_called, with_counts
from ..domain.meetings import amend_meeting, cancel_meeting, open_meeting, plan_meeting
from ..domain.minutes import close_meeting, sign_minutes
from ..domain.queries import requirement_at
from ..lifecycle import MEETING
from ..models import AgendaItem, Attendance, Meeting
from . import meeting_serializers as told
from . import serializers as said
from .voting import signed

ID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
CHANGE = OpenApiParameter("change", str, OpenApiParameter.PATH, description="Such as CR-2026-0042.")
AGENDA = Prefetch("agenda", AgendaItem.objects.select_related("change").order_by("position", "pk"))
ATTENDANCES = Prefetch("attendances", Attendance.objects.in_order())
WHOLE = with_counts(Meeting.objects.prefetch_related(AGENDA, ATTENDANCES))


class MeetingFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=MEETING.choices)
    board = django_filters.CharFilter(field_name="board__key")

    class Meta:
        model = Meeting
        fields: list[str] = []


def verb(summary: str, body: type[serializers.Serializer], *, name: str = "", item: bool = False) -> Any:
    """One move of a meeting, or of an item of its agenda by its change's key; answers with the meeting."""

    def made(method: Any) -> Any:
        word = name or method.__name__
        described = extend_schema(
            summary=summary, operation_id=f"meetings_{method.__name__}", request=body,
            parameters=[ID, CHANGE] if item else [ID], responses=told.MeetingSerializer,
        )  # fmt: skip
        path = rf"items/(?P<change>[-\w]+)/{word}" if item else word
        return described(action(detail=True, methods=["post"], serializer_class=body, url_path=path)(method))

    return made


@extend_schema_view(
    list=extend_schema(
        summary="Meetings of the board", operation_id="meetings_list",
        responses=told.MeetingListSerializer(many=True),
    ),
    retrieve=extend_schema(summary="One meeting", operation_id="meetings_retrieve", parameters=[ID]),
)  # fmt: skip
class MeetingViewSet(RegisterViewSet):
    """Where the board decides together: its agenda, who is there, and the minutes."""

    queryset = with_counts(Meeting.objects.all())
    serializer_class = told.MeetingSerializer
    filterset_class = MeetingFilter
    lookup_field = "id"
    cursor_ordering = ("-starts_at", "id")

    def get_serializer_class(self) -> Any:
        return told.MeetingListSerializer if self.action == "list" else super().get_serializer_class()

    def given(self, request: Request) -> dict[str, Any]:
        read = self.serializer_class(data=request.data)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)

    def shown(self, meeting: Meeting, *, status: int = 200) -> Response:
        """As it is now, whatever the command's own copy says."""
        self.serializer_class, self.kwargs["id"] = told.MeetingSerializer, str(meeting.pk)
        self.queryset = WHOLE
        return self.tagged(self.get_object(), status=status)

    def do(self, command: Any, meeting: Meeting, **values: Any) -> Response:
        command(meeting, **values, now=timezone.now(), actor=self.request.user)
        return self.shown(meeting)

    def do_item(self, command: Any, key: str, **values: Any) -> Response:
        item = item_of(self.get_object(), key)
        command(item, **values, now=timezone.now(), actor=self.request.user)
        return self.shown(item.meeting)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.shown(self.get_object())

    @extend_schema(
        summary="Plan a meeting",
        operation_id="meetings_plan",
        request=told.PlanMeetingSerializer,
        responses={201: told.MeetingSerializer},
    )
    def create(self, request: Request) -> Response:
        self.serializer_class = told.PlanMeetingSerializer
        values = self.given(request)
        board = board_named(request.user, values.pop("board"))
        values["chair"] = person_called(values["chair"], field="chair")
        made = plan_meeting(board, **values, now=timezone.now(), actor=request.user)
        response = self.shown(made, status=201)
        response["Location"] = f"{request.path}{made.pk}/"
        return response

    @extend_schema(
        summary="Amend a planned meeting",
        operation_id="meetings_amend",
        request=told.AmendMeetingSerializer,
        parameters=[ID, IF_MATCH],
        responses=told.MeetingSerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:
        self.serializer_class = told.AmendMeetingSerializer
        meeting, values = self.get_object(), self.given(request)
        require_revision(request, meeting)
        if "chair" in values:
            values["chair"] = person_called(values["chair"], field="chair")
        return self.do(amend_meeting, meeting, **values)

    @extend_schema(
        summary="Its minutes", operation_id="meetings_minutes", parameters=[ID], responses=told.MinutesSerializer
    )
    @action(detail=True, methods=["get"], filterset_class=None, filter_backends=[], pagination_class=None)
    def minutes(self, request: Request, id: str) -> Response:
        return Response(told.MinutesSerializer(self.get_object()).data)

    @verb("Fill the agenda by its filter", told.FillSerializer)
    def fill(self, request: Request, id: str) -> Response:
        return self.do(agenda.fill_agenda, self.get_object(), **self.given(request))

    @verb("Put a change on the agenda", told.AddItemSerializer)
    def add(self, request: Request, id: str) -> Response:
        values, meeting = self.given(request), self.get_object()
        values["change"] = change_named(request.user, values["change"])
        return self.do(agenda.add_to_agenda, meeting, **values)

    @verb("Cancel it", said.ReasonSerializer)
    def cancel(self, request: Request, id: str) -> Response:
        return self.do(cancel_meeting, self.get_object(), **self.given(request))

    @verb("Open it", said.NothingSerializer)
    def open(self, request: Request, id: str) -> Response:
        self.given(request)
        return self.do(open_meeting, self.get_object())

    @verb("Note that somebody has come", told.ComeSerializer)
    def come(self, request: Request, id: str) -> Response:
        return self.do(attendance.come, self.get_object(), **self.who(request))

    @verb("Note that somebody has left", told.LeaveSerializer)
    def leave(self, request: Request, id: str) -> Response:
        return self.do(attendance.leave, self.get_object(), **self.who(request))

    def who(self, request: Request) -> dict[str, Any]:
        values = self.given(request)
        return {**values, "person": person_called(values["person"]) if "person" in values else request.user}

    @verb("Finish what is discussed and begin what comes next", told.SeenSerializer)
    def next(self, request: Request, id: str) -> Response:
        return self.do(agenda.next_item, self.get_object(), **self.given(request))

    @verb("Close it: the minutes write themselves", said.NothingSerializer)
    def close(self, request: Request, id: str) -> Response:
        self.given(request)
        return self.do(close_meeting, self.get_object())

    @verb("Sign the minutes", told.SignMinutesSerializer)
    def sign(self, request: Request, id: str) -> Response:
        return self.do(sign_minutes, self.get_object(), **signed(self.given(request)))

    @verb("Begin with an item", told.SeenSerializer, name="begin", item=True)
    def begin_item(self, request: Request, id: str, change: str) -> Response:
        return self.do_item(agenda.begin_item, change, **self.given(request))

    @verb("Finish an item: what the votes decided is written down", said.NothingSerializer, name="finish", item=True)
    def finish_item(self, request: Request, id: str, change: str) -> Response:
        self.given(request)
        return self.do_item(agenda.finish_item, change)

    @verb("Put an item in its place", told.MoveItemSerializer, name="move", item=True)
    def move_item(self, request: Request, id: str, change: str) -> Response:
        return self.do_item(agenda.move_item, change, **self.given(request))

    @verb("Discuss an item after all", told.PromoteSerializer, name="promote", item=True)
    def promote_item(self, request: Request, id: str, change: str) -> Response:
        return self.do_item(agenda.promote_item, change, **self.given(request))

    @verb("An item needs no discussion", said.NothingSerializer, name="demote", item=True)
    def demote_item(self, request: Request, id: str, change: str) -> Response:
        self.given(request)
        return self.do_item(agenda.demote_item, change)

    @verb("Defer an item", told.DeferSerializer, name="defer", item=True)
    def defer_item(self, request: Request, id: str, change: str) -> Response:
        return self.do_item(agenda.defer_item, change, **self.given(request))

    @verb("Put a deferred item back", said.NothingSerializer, name="restore", item=True)
    def restore_item(self, request: Request, id: str, change: str) -> Response:
        self.given(request)
        return self.do_item(agenda.restore_item, change)

    @verb("Write an item's notes", told.NotesSerializer, name="notes", item=True)
    def note_item(self, request: Request, id: str, change: str) -> Response:
        return self.do_item(agenda.write_notes, change, **self.given(request))

    @verb("Vote in the meeting", told.MeetingBallotSerializer, name="vote", item=True)
    def vote_item(self, request: Request, id: str, change: str) -> Response:
        values = signed(self.given(request))
        if "requirement" in values:
            on = item_of(self.get_object(), change).change
            values["requirement"] = requirement_at(on, values["requirement"])
        return self.do_item(agenda.vote_in_meeting, change, **values)
