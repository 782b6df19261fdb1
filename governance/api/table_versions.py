"""Every version of every decision table: drafted, edited, checked, compared, and read from files."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..dmn.comparing import compare_tables, comparison_document
from ..domain import drafts
from ..domain.gap_commands import accept_gaps, reopen_gaps
from ..domain.queries import table_version
from ..domain.table_checks import standing_document, standing_of
from ..domain.table_files import import_tables, read_table_file
from ..domain.tables import table_document
from ..doors.api import ActorView, RegisterViewSet, require_revision
from ..doors.schema import IF_MATCH
from ..models import DecisionTable
from . import table_serializers as told
from .jobs import DraftMeasures

PLACE = [
    OpenApiParameter("key", str, OpenApiParameter.PATH, description="Such as pattern_verdict."),
    OpenApiParameter("version", str, OpenApiParameter.PATH, description="Such as 1.1."),
]
RULE = OpenApiParameter("rule", str, OpenApiParameter.PATH, description="A rule's id, such as P07.")


def edit(summary: str, body: type[serializers.Serializer], *, path: str = "", rule: bool = False, methods=("post",)):
    """One way to edit a draft: its address, its body, If-Match, and the version as it then is."""

    def made(method: Any) -> Any:
        described = extend_schema(
            summary=summary, operation_id=f"table_versions_{method.__name__}", request=body,
            parameters=[*PLACE, *([RULE] if rule else []), IF_MATCH], responses=told.TableVersionSerializer,
        )  # fmt: skip
        name = method.__name__.replace("_", "-")
        return described(
            action(detail=True, methods=list(methods), url_path=path or name, serializer_class=body)(method)
        )

    return made


@extend_schema_view(
    list=extend_schema(summary="All versions of a table", operation_id="table_versions_list", parameters=PLACE[:1]),
    retrieve=extend_schema(summary="One version, whole", operation_id="table_versions_retrieve", parameters=PLACE),
)
class TableVersionViewSet(DraftMeasures, RegisterViewSet):
    """The versions of one table, newest first; drafts are edited here, and every edit names the revision it saw."""

    queryset = DecisionTable.objects.all()
    serializer_class = told.TableVersionSerializer
    lookup_field = "version"
    lookup_value_regex = "[^/]+"
    cursor_ordering = ("-created_at", "id")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(key=self.kwargs.get("key"))

    def get_object(self) -> DecisionTable:
        return table_version(self.request.user, self.kwargs["key"], self.kwargs["version"])

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return told.TableVersionListSerializer if self.action == "list" else self.serializer_class

    def given(self, request: Request) -> dict[str, Any]:
        read = self.serializer_class(data=request.data)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)

    def seen(self, request: Request) -> DecisionTable:
        table = self.get_object()
        require_revision(request, table)
        return table

    def shown(self, table: DecisionTable, *, status: int = 200) -> Response:
        self.serializer_class = told.TableVersionSerializer
        return self.tagged(table, status=status)

    def by(self, request: Request) -> dict[str, Any]:
        return {"now": timezone.now(), "actor": request.user}

    @extend_schema(
        summary="Replace what a draft says",
        operation_id="table_versions_replace",
        request=told.TableContentSerializer,
        parameters=PLACE,
        responses=told.TableVersionSerializer,
    )
    def update(self, request: Request, key: str, version: str) -> Response:
        """What the body leaves out stays as it is."""
        self.serializer_class = told.TableContentSerializer
        given, table = self.given(request), self.seen(request)
        document = {name: [dict(one) for one in value] if name in LISTS else value for name, value in given.items()}
        return self.shown(drafts.rewrite_draft(table, document, **self.by(request)))

    @edit("Edit the columns of a draft", told.TableColumnsSerializer)
    def columns(self, request: Request, key: str, version: str) -> Response:
        """Another hit policy, title, inputs or outputs. A column's ``was`` is its former name: its cells follow."""
        given = self.given(request)
        return self.shown(drafts.edit_columns(self.seen(request), **given, **self.by(request)))

    @edit("Add a rule", told.TableRuleAddSerializer, path="rules")
    def add_rule(self, request: Request, key: str, version: str) -> Response:
        given = self.given(request)
        after = given.pop("after", None)
        return self.shown(drafts.add_rule(self.seen(request), rule=given, after=after, **self.by(request)))

    @edit("Edit a rule", told.TableRuleEditSerializer, path="rules/(?P<rule>[^/]+)", rule=True)
    def edit_rule(self, request: Request, key: str, version: str, rule: str) -> Response:
        given = self.given(request)
        return self.shown(drafts.edit_rule(self.seen(request), rule, **given, **self.by(request)))

    @edit("Move a rule", told.TableRuleMoveSerializer, path="rules/(?P<rule>[^/]+)/move", rule=True)
    def move_rule(self, request: Request, key: str, version: str, rule: str) -> Response:
        given = self.given(request)
        return self.shown(drafts.move_rule(self.seen(request), rule, **given, **self.by(request)))

    @edit("Remove a rule", told.NothingGivenSerializer, path="rules/(?P<rule>[^/]+)/remove", rule=True)
    def remove_rule(self, request: Request, key: str, version: str, rule: str) -> Response:
        self.given(request)
        return self.shown(drafts.remove_rule(self.seen(request), rule, **self.by(request)))

    @edit("Replace the test cases", told.TableCasesSerializer)
    def cases(self, request: Request, key: str, version: str) -> Response:
        given = [dict(case) for case in self.given(request)["cases"]]
        return self.shown(drafts.edit_cases(self.seen(request), given, **self.by(request)))

    @edit("Leave gaps open on purpose", told.GapsAcceptSerializer)
    def accept_gaps(self, request: Request, key: str, version: str) -> Response:
        given = self.given(request)
        return self.shown(accept_gaps(self.seen(request), **given, **self.by(request)))

    @edit("Take the acceptance of gaps back", told.GapsReopenSerializer)
    def reopen_gaps(self, request: Request, key: str, version: str) -> Response:
        given = self.given(request)
        return self.shown(reopen_gaps(self.seen(request), **given, **self.by(request)))

    @extend_schema(
        summary="Gaps, overlaps and test cases",
        operation_id="table_versions_standing",
        parameters=PLACE,
        responses=told.StandingSerializer,
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def standing(self, request: Request, key: str, version: str) -> Response:
        """Whether the version is fit to be asked of the board. Nothing is stored."""
        return Response(standing_document(standing_of(self.get_object())))

    @extend_schema(
        summary="Compare two versions",
        operation_id="table_versions_compare",
        parameters=[*PLACE, OpenApiParameter("with", str, required=True, description="The older version.")],
        responses=told.ComparisonSerializer,
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None, known_parameters=("with",))
    def compare(self, request: Request, key: str, version: str) -> Response:
        """What this version says otherwise than the one that ``with`` names; the one in force when it names none."""
        other = table_version(request.user, key, request.query_params.get("with", ""))
        return Response(comparison_document(compare_tables(*map(table_document, (other, self.get_object())))))


LISTS = ("rules", "cases")


class TableDraftsView(ActorView, APIView):
    """Drafts of decision tables: a copy of a version, or new content."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        summary="Draft a version",
        operation_id="table_versions_draft",
        request=told.TableDraftSerializer,
        responses={201: told.TableVersionSerializer},
    )
    def post(self, request: Request) -> Response:
        read = told.TableDraftSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        given = dict(read.validated_data)
        key, version, based = given.pop("key"), given.pop("version", ""), given.pop("based_on", "")
        base = table_version(request.user, key, based) if based else None
        said = {name: [dict(one) for one in value] if name in LISTS else value for name, value in given.items()}
        document = {**drafts.new_document(key), **said} if said and base is None else None
        if base is not None and said:
            document = {**drafts.full_document(base), **said}
        made = drafts.start_draft(
            key, based_on=base, version=version, document=document, now=timezone.now(), actor=request.user
        )
        where = request.build_absolute_uri(f"/api/v1/tables/{made.key}/versions/{made.version}/")
        return Response(told.TableVersionSerializer(made).data, status=201, headers={"Location": where})


class TableImportView(ActorView, APIView):
    """Tables of a file as drafts."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        summary="Import tables from a file",
        operation_id="table_versions_import",
        request=told.TableImportSerializer,
        responses={200: told.TableImportedSerializer, 201: told.TableImportedSerializer},
    )
    def post(self, request: Request) -> Response:
        """All tables of the file become drafts, or nothing is written. ``dry_run`` only reads."""
        read = told.TableImportSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        given = read.validated_data
        data, name, wanted = given["text"].encode(), given.get("filename", ""), given.get("decision")
        if given["dry_run"]:
            found = read_table_file(data, name, decision=wanted)
            rows = [(one.document, str(one.document.get("version", "")), one.title) for one in found.tables]
        else:
            made, found = import_tables(data, name, decision=wanted, now=timezone.now(), actor=request.user)
            rows = [(drafts.full_document(one), one.version, one.title) for one in made]
        tables = [
            {
                "key": document["key"], "version": version, "title": title, "rules": len(document["rules"]),
                "cases": len(document.get("cases", ())),
            }
            for document, version, title in rows
        ]  # fmt: skip
        body = {"tables": tables, "findings": [finding.as_dict() for finding in found.findings]}
        return Response(body, status=200 if given["dry_run"] else 201)
