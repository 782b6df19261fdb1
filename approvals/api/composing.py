"""Composing a draft for programs: add, edit and remove objects, see what it will need, settle what moved beneath it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import DomainKey
from governance.doors.api import Strict, require_revision
from governance.doors.schema import IF_MATCH

from ..domain.adopting import adopt_interfaces, interfaces_to_adopt, team_named
from ..domain.composing import add_items, foresee, remove_item
from ..domain.naming import specs_named
from ..domain.queries import conflicts_in
from ..domain.requests import revise_change
from . import serializers as said
from .verbs import KEY, reading, verb

POSITION = OpenApiParameter("position", int, OpenApiParameter.PATH, description="The object's place in the change.")
VALUE = serializers.JSONField(allow_null=True)


class ItemsSerializer(Strict, serializers.Serializer):
    """Further objects for a draft."""

    items = said.ItemInputSerializer(many=True, min_length=1, max_length=100)


class PatchSerializer(Strict, serializers.Serializer):
    """New values by field; a field set back to what it was based on is no longer asked for."""

    patch = serializers.DictField(child=VALUE, help_text=said.PATCH_HELP)


class TakeSerializer(Strict, serializers.Serializer):
    """Base the change on what is stored now. Fields that are not named keep what the change asks for."""

    take = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="By position, the fields of which the stored value is taken over.",
    )

    def validate_take(self, take: dict[str, list[str]]) -> dict[int, list[str]]:
        wrong = [position for position in take if not (position.isascii() and position.isdigit())]
        if wrong:
            raise serializers.ValidationError("Name each object by its position: 1, 2, ...")
        return {int(position[:6]): names for position, names in take.items()}


class ConflictSerializer(serializers.Serializer):
    """One field that moved beneath the change: what it was based on, what is stored, what is asked for."""

    position = serializers.IntegerField()
    subject = serializers.CharField()
    field = serializers.CharField(source="column")
    base = serializers.JSONField(source="old", allow_null=True)
    stored = VALUE
    wanted = serializers.JSONField(source="new", allow_null=True)
    hidden = serializers.BooleanField(help_text="The values are not for you to read.")


class LackingSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    position = serializers.IntegerField(help_text="Of the object; 0 is the change itself.")
    where = serializers.CharField(allow_blank=True)


class ForeseenSerializer(serializers.Serializer):
    """Whom policy will ask, and by which rules."""

    label = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    veto = serializers.ListField(child=serializers.CharField())
    because = said.BecauseSerializer(many=True)


class ForesightSerializer(serializers.Serializer):
    """What the change would need if it were submitted now, and what it still lacks."""

    asks = ForeseenSerializer(many=True)
    lead_hours = serializers.IntegerField()
    evidence = serializers.ListField(child=serializers.CharField())
    error = serializers.CharField(allow_blank=True, help_text="Why nobody could approve it.")
    lacking = LackingSerializer(many=True)


class AdoptSerializer(Strict, serializers.Serializer):
    """What shall be adopted by one change: the named interfaces, or every discovered one of a domain."""

    interfaces = serializers.ListField(child=serializers.CharField(max_length=24), required=False, max_length=2000)
    domain = serializers.ChoiceField(DomainKey.choices, required=False)
    owner_team = serializers.CharField(
        max_length=60, required=False, help_text="Answers for whatever nobody answers for yet."
    )
    title = serializers.CharField(max_length=160, required=False)
    reason = serializers.CharField(max_length=4000)
    plan = serializers.CharField(max_length=8000, required=False)
    backout = serializers.CharField(max_length=8000, required=False)
    evidence = serializers.DictField(child=serializers.CharField(max_length=500), required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if bool(given.get("interfaces")) == bool(given.get("domain")):
            raise serializers.ValidationError({"interfaces": "Name interfaces, or a domain."})
        return given


class ComposingVerbs:
    """What the author of a draft does to its objects; mixed into the view of changes."""

    get_object: Any
    given: Any
    shown: Any
    serializer_class: Any

    @extend_schema(
        summary="Adopt discovered interfaces by one change", operation_id="changes_adopt", request=AdoptSerializer,
        responses={201: said.ChangeRequestSerializer}, filters=False,
        description="Opened and submitted in one go; who decides decides once, and each role or team votes once.",
    )  # fmt: skip
    @action(detail=False, methods=["post"], serializer_class=AdoptSerializer)
    def adopt(self, request: Request) -> Response:
        values = self.given(request)
        team = values.pop("owner_team", None)
        found = interfaces_to_adopt(
            request.user, keys=values.pop("interfaces", ()), domain=values.pop("domain", "")
        )  # fmt: skip
        change = adopt_interfaces(
            found, owner_team=team_named(team) if team else None, now=timezone.now(), actor=request.user, **values
        )
        return self.shown(change.key, status=201)

    @verb("Add objects to a draft", ItemsSerializer, headers=[IF_MATCH])
    def items(self, request: Request, key: str) -> Response:
        values, change = self.given(request), self.get_object()
        require_revision(request, change)
        specs = specs_named(values["items"], actor=request.user)
        add_items(change, specs, now=timezone.now(), actor=request.user)
        return self.shown(key)

    @extend_schema(
        methods=["PATCH"], summary="Edit an object of a change", operation_id="changes_patch_item",
        request=PatchSerializer, parameters=[KEY, POSITION, IF_MATCH], responses=said.ChangeRequestSerializer,
        description="Of a draft it asks nobody anew; of a submitted change it is a new revision.",
    )  # fmt: skip
    @extend_schema(
        methods=["DELETE"], summary="Remove an object from a draft", operation_id="changes_remove_item",
        request=None, parameters=[KEY, POSITION, IF_MATCH], responses=said.ChangeRequestSerializer,
    )  # fmt: skip
    @action(
        detail=True, methods=["patch", "delete"], url_path=r"items/(?P<position>\d{1,5})",
        serializer_class=PatchSerializer,
    )  # fmt: skip
    def item(self, request: Request, key: str, position: str) -> Response:
        patch = self.given(request)["patch"] if request.method == "PATCH" else {}
        change, at = self.get_object(), {"now": timezone.now(), "actor": request.user}
        require_revision(request, change)
        if request.method == "PATCH":
            revise_change(change, patches={int(position): patch}, **at)
        else:
            remove_item(change, int(position), **at)
        return self.shown(key)

    @extend_schema(
        summary="What it would need now, and what it lacks", operation_id="changes_foresight",
        parameters=[KEY], responses=ForesightSerializer, filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None, filter_backends=[])
    def foresight(self, request: Request, key: str) -> Response:
        seen = foresee(self.get_object(), now=timezone.now())
        plan = seen.planned.plan if seen.planned else None
        answer = {
            "asks": seen.asks,
            "lead_hours": plan.lead_hours if plan else 0,
            "evidence": list(plan.evidence) if plan else [],
            "error": plan.error if plan else "Policy cannot be asked yet.",
            "lacking": seen.lacking,
        }
        return Response(ForesightSerializer(answer).data)

    @reading("What moved beneath it, field by field", ConflictSerializer)
    def field_conflicts(self, request: Request, key: str) -> Response:
        return Response(ConflictSerializer(conflicts_in(self.get_object(), request.user), many=True).data)

    @verb("Base it on what is stored now", TakeSerializer, headers=[IF_MATCH])
    def rebase(self, request: Request, key: str) -> Response:
        values, change = self.given(request), self.get_object()
        require_revision(request, change)
        revise_change(change, take=values.get("take", {}), now=timezone.now(), actor=request.user)
        return self.shown(key)
