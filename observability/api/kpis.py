"""The scorecard for programs: each figure with what is needed to read it."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from governance.doors.http import PROBLEM
from governance.doors.registers import ActorView
from governance.doors.schema import ProblemSerializer

from ..domain.kpi_parts import WINDOWS, Question, ask
from ..domain.kpis import KPIS, compute_kpi, scorecard
from .serializers import KpiSerializer

ASKED = [
    OpenApiParameter("window", str, enum=[f"{days}d" for days in WINDOWS], description="How far back; 30d."),
    OpenApiParameter("domain", str, description="Only this domain's interfaces."),
    OpenApiParameter("interface", str, description="Only this interface."),
]
KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, enum=list(KPIS))


class KpiViewSet(ActorView, viewsets.ViewSet):
    """Figures computed from the rows that the actor may see, whenever they are asked for."""

    known_parameters = ("window", "domain", "interface")
    lookup_field = "key"
    serializer_class = KpiSerializer

    @extend_schema(parameters=ASKED, responses={200: KpiSerializer(many=True), (404, PROBLEM): ProblemSerializer})
    def list(self, request: Request) -> Response:
        """All figures."""
        return Response(KpiSerializer(scorecard(question_of(request)), many=True).data)

    @extend_schema(parameters=[*ASKED, KEY], responses=KpiSerializer)
    def retrieve(self, request: Request, key: str) -> Response:
        """One figure."""
        return Response(KpiSerializer(compute_kpi(key, question_of(request))).data)


def question_of(request: Request) -> Question:
    asked = {name: request.query_params[name] for name in KpiViewSet.known_parameters if name in request.query_params}
    return ask(**asked, now=timezone.now(), actor=request.user)
