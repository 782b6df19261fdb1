"""The decision tables in force, and asking them."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ..dmn import trace_document
from ..dmn.exchange import FORMS
from ..domain.deciding import decide
from ..domain.queries import table_version
from ..domain.table_files import export_table
from ..doors.api import RegisterViewSet
from ..doors.renderers import OrjsonRenderer
from ..models import DecisionTable
from .serializers import DecisionSerializer, FactsSerializer, TableListSerializer, TableSerializer


class XmlRenderer(BaseRenderer):
    """Lets a caller ask for XML; the view itself answers with the file."""

    media_type = "application/xml"
    format = "dmn"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return OrjsonRenderer().render(data)


@extend_schema_view(
    list=extend_schema(summary="Tables in force", operation_id="tables_list"),
    retrieve=extend_schema(summary="One table in force, with its rules", operation_id="tables_retrieve"),
)
class TableViewSet(RegisterViewSet):
    """The board's decisions in advance: the version in force of each table."""

    queryset = DecisionTable.objects.active()
    serializer_class = TableSerializer

    def get_queryset(self):
        return super().get_queryset().filter(state="ACTIVE")

    def get_serializer_class(self):
        return TableListSerializer if self.action == "list" else TableSerializer

    @extend_schema(
        summary="Ask a table", operation_id="tables_decide", request=FactsSerializer, responses=DecisionSerializer
    )
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, key: str) -> Response:
        """What the version in force says of the facts. Nothing is stored."""
        asked = FactsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        decided, findings = decide(key, asked.validated_data["facts"])
        return Response(
            {
                "output": decided.output,
                "rules": decided.rules,
                "notes": {rule: decided.notes[rule] for rule in decided.rules},
                "trace": trace_document(decided.evaluation),
                "source": decided.source,
                "findings": [finding.as_dict() for finding in findings],
            }
        )

    @extend_schema(
        summary="One version of a table as a file",
        operation_id="tables_export",
        parameters=[
            OpenApiParameter("version", str, OpenApiParameter.PATH),
            OpenApiParameter("as", str, enum=list(FORMS), default="dmn", description="DMN 1.5, or JSON."),
        ],
        responses={(200, "application/xml"): OpenApiTypes.STR, (200, "application/json"): OpenApiTypes.OBJECT},
    )
    @action(
        detail=True,
        url_path="versions/(?P<version>[^/]+)/export",
        renderer_classes=[OrjsonRenderer, XmlRenderer],
        known_parameters=("as",),
    )
    def export(self, request: Request, key: str, version: str) -> HttpResponse:
        """Any version, in force or not. DMN is for the tools of others; JSON also carries the version's test cases."""
        table = table_version(request.user, key, version)
        file = export_table(table, request.query_params.get("as", "dmn"))
        headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "private, no-cache"}
        return HttpResponse(file.data, content_type=file.media_type, headers=headers)
