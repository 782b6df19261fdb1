"""Background work, and what a draft table would change, for programs."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ..domain.impacts import AHEAD, ask_impact, impact_findings, impact_sentence
from ..domain.jobs import cancel_job, retry_job
from ..domain.queries import table_version
from ..domain.reports import Report, report_for
from ..domain.simulations import ask_simulation, simulation_named
from ..doors.api import RegisterViewSet, Strict
from ..kernel.errors import NotFound
from ..models import DecisionTable, Job, User
from .serializers import FindingSerializer


class JobSerializer(serializers.ModelSerializer):
    """One piece of background work; ``counts`` are the figures of its result, ``url`` the page that shows it."""

    requested_by = serializers.CharField(source="requested_by.username", read_only=True)
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = [
            "id", "kind", "title", "state", "done", "total", "percent", "counts", "error", "url", "requested_by",
            "created_at", "started_at", "finished_at", "attempts", "revision",
        ]  # fmt: skip

    def get_counts(self, job: Job) -> dict[str, int]:
        return dict(job.result.get("counts", {}))


class EmptySerializer(Strict, serializers.Serializer):
    """An empty object."""


class ImpactRequestSerializer(Strict, serializers.Serializer):
    """The day on which the version shall begin; without one, the day that it is approved for."""

    effective_on = serializers.DateField(required=False, allow_null=True)


class SimulationRequestSerializer(Strict, serializers.Serializer):
    """The first and the last day of the period (UTC); without them a year up to today."""

    since = serializers.DateField(required=False, allow_null=True)
    until = serializers.DateField(required=False, allow_null=True)


class DifferenceSerializer(serializers.Serializer):
    aspect = serializers.CharField(help_text="CONFORMANCE, DECIDER, OBLIGATIONS or APPROVAL.")
    label = serializers.CharField(allow_blank=True)
    before = serializers.CharField()
    after = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())
    why = serializers.ListField(child=serializers.CharField())
    grave = serializers.CharField(allow_blank=True, help_text="NON_CONFORMING, CONFORMING, or empty.")


class DifferingSerializer(serializers.Serializer):
    """One record of which something is said otherwise; an empty ``type`` is a kind of request."""

    type = serializers.CharField(allow_blank=True)
    id = serializers.CharField()
    key = serializers.CharField()
    name = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    differences = DifferenceSerializer(many=True)


class ReportSerializer(serializers.Serializer):
    """Counts over everything; rows as far as the caller may see them (``hidden`` are not shown)."""

    counts = serializers.DictField(child=serializers.IntegerField())
    rows = DifferingSerializer(many=True)
    hidden = serializers.IntegerField()
    left_off = serializers.IntegerField(help_text="Rows over the bound, the least grave, that are counted only.")


class TableImpactSerializer(ReportSerializer):
    sentence = serializers.CharField()
    against = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    findings = FindingSerializer(many=True, help_text="Empty: the impact is of this version's present content.")


class TableSimulationSerializer(ReportSerializer):
    since = serializers.DateField()
    until = serializers.DateField()
    content_hash = serializers.CharField(help_text="Of the rules that were asked.")
    at = serializers.DateTimeField()


@extend_schema_view(
    list=extend_schema(summary="Background work", operation_id="jobs_list"),
    retrieve=extend_schema(summary="One piece of background work", operation_id="jobs_retrieve"),
)
class JobViewSet(RegisterViewSet):
    """What the caller asked for, the newest first. Ask again until ``state`` is DONE, FAILED or CANCELLED."""

    queryset = Job.objects.select_related("requested_by")
    serializer_class = JobSerializer
    lookup_field = "pk"
    cursor_ordering = ("-created_at", "-id")

    def etag(self, record: Any) -> str:
        return f'"{record.revision}.{record.done}"'

    @extend_schema(summary="Stop it", operation_id="jobs_cancel", request=EmptySerializer, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        EmptySerializer(data=request.data).is_valid(raise_exception=True)
        return Response(JobSerializer(cancel_job(self.get_object(), now=timezone.now(), actor=request.user)).data)

    @extend_schema(
        summary="Begin a failed one again", operation_id="jobs_retry", request=EmptySerializer, responses=JobSerializer
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        EmptySerializer(data=request.data).is_valid(raise_exception=True)
        return Response(JobSerializer(retry_job(self.get_object(), now=timezone.now(), actor=request.user)).data)


PLACE = [
    OpenApiParameter("key", str, OpenApiParameter.PATH, description="Such as pattern_verdict."),
    OpenApiParameter("version", str, OpenApiParameter.PATH, description="Such as 1.1."),
]
WHAT = OpenApiParameter("what", str, description="Only records that differ in this: NON_CONFORMING, DECIDER, …")


class DraftMeasures:
    """Mixin of the versions' viewset: the impact and the simulation of one version."""

    request: Request

    @extend_schema(
        summary="What a version would change", operation_id="table_versions_impact", parameters=[*PLACE, WHAT],
        responses=TableImpactSerializer, filters=False,
    )  # fmt: skip
    @action(
        detail=True, methods=["get"], known_parameters=("what",),
        pagination_class=None, filter_backends=[],
    )  # fmt: skip
    def impact(self, request: Request, key: str, version: str) -> Response:
        """As it was last computed; ``findings`` say whether it is of the present rules."""
        table = table_version(request.user, key, version)
        if not table.impact:
            raise NotFound(f"The impact of {table} was not computed yet: ask for it.")
        kept = table.impact
        findings = [one.as_dict() for one in impact_findings(table)] if table.state in AHEAD else []
        told = {"sentence": impact_sentence(kept), "against": kept["against"], "at": kept["at"], "findings": findings}
        return Response(report_document(request, kept) | told)

    @extend_schema(
        summary="Compute what a version would change", operation_id="table_versions_ask_impact", parameters=PLACE,
        request=ImpactRequestSerializer, responses={202: JobSerializer},
    )  # fmt: skip
    @impact.mapping.post
    def ask_impact(self, request: Request, key: str, version: str) -> Response:
        return self.asked(ask_impact, ImpactRequestSerializer, key, version)

    @extend_schema(
        summary="Past requests asked of a version", operation_id="table_versions_simulation", parameters=[*PLACE, WHAT],
        responses=TableSimulationSerializer, filters=False,
    )  # fmt: skip
    @action(
        detail=True, methods=["get"], known_parameters=("what",),
        pagination_class=None, filter_backends=[],
    )  # fmt: skip
    def simulation(self, request: Request, key: str, version: str) -> Response:
        """The newest that is done, whoever asked for it."""
        done = simulation_named(table_version(request.user, key, version))
        kept = done.result
        told = {"since": kept["since"], "until": kept["until"], "content_hash": kept["hash"], "at": done.finished_at}
        return Response(report_document(request, kept) | told)

    @extend_schema(
        summary="Ask past requests of a version", operation_id="table_versions_ask_simulation", parameters=PLACE,
        request=SimulationRequestSerializer, responses={202: JobSerializer},
    )  # fmt: skip
    @simulation.mapping.post
    def ask_simulation(self, request: Request, key: str, version: str) -> Response:
        return self.asked(ask_simulation, SimulationRequestSerializer, key, version)

    def asked(self, command: Any, body: type[serializers.Serializer], key: str, version: str) -> Response:
        """The job that does it, with its address."""
        table: DecisionTable = table_version(self.request.user, key, version)
        read = body(data=self.request.data)
        read.is_valid(raise_exception=True)
        job = command(table, **read.validated_data, now=timezone.now(), actor=self.request.user)
        return Response(JobSerializer(job).data, status=202, headers={"Location": f"/api/v1/jobs/{job.pk}/"})


def report_document(request: Request, stored: dict[str, Any]) -> dict[str, Any]:
    actor: User = request.user
    shown: Report = report_for(actor, stored, what=request.query_params.get("what", ""))
    return {"counts": shown.counts, "rows": shown.rows, "hidden": shown.hidden, "left_off": shown.left_off}
