"""The audit for the auditor: every step, and the proof that none was changed."""

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..domain.auditing import audit_trail, verify_audit
from ..doors.api import ActorView
from ..models import AuditEvent
from .serializers import AuditEventSerializer, VerificationSerializer


class AuditFilter(django_filters.FilterSet):
    """By what was done, to what, by whom, and when (``from`` inclusive, ``to`` exclusive)."""

    actor = django_filters.CharFilter(field_name="actor_id")
    to = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = AuditEvent
        fields = ["subject_type", "subject_id", "action"]


# 'from' is a word of Python's own and cannot be written as an attribute.
AuditFilter.base_filters["from"] = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")


@extend_schema_view(
    list=extend_schema(summary="Recorded steps, newest first", operation_id="audit_list"),
)
class AuditViewSet(ActorView, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Who did what to what, for whom, through which door, and why. For auditors and platform administrators."""

    serializer_class = AuditEventSerializer
    queryset = AuditEvent.objects.all()
    filterset_class = AuditFilter
    cursor_ordering = ("-seq",)

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        return audit_trail(actor=self.request.user)


class AuditVerifyView(ActorView, APIView):
    """The proof of the chain."""

    @extend_schema(
        summary="Prove the chain and its seals", operation_id="audit_verify", responses=VerificationSerializer
    )
    def get(self, request: Request) -> Response:
        proof = verify_audit(actor=request.user)
        return Response(VerificationSerializer(proof).data)
