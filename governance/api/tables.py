"""The decision tables in force, and asking them."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ..dmn import trace_document
from ..domain.deciding import decide
from ..doors.api import RegisterViewSet
from ..models import DecisionTable
from .serializers import DecisionSerializer, FactsSerializer, TableListSerializer, TableSerializer


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
