"""Systems, and the places and processes around them."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from governance.doors.api import RegisterViewSet, require_revision

from ..domain.systems import edit_system, register_system
from ..models import BusinessProcess, Domain, Facility, Product, System
from .serializers import (
    DomainSerializer,
    FacilitySerializer,
    ProcessSerializer,
    ProductSerializer,
    SystemPatchSerializer,
    SystemSerializer,
)
from .views import REGISTER_PERMISSIONS, SystemFilter


@extend_schema_view(
    list=extend_schema(summary="Systems", operation_id="systems_list"),
    retrieve=extend_schema(summary="One system", operation_id="systems_retrieve"),
)
class SystemViewSet(RegisterViewSet):
    """Applications of the estate and of its partners."""

    queryset = System.objects.select_related("domain", "owner_team", "successor").prefetch_related(
        "instances__facility"
    )
    serializer_class = SystemSerializer
    permission_classes = REGISTER_PERMISSIONS
    filterset_class = SystemFilter

    @extend_schema(
        summary="Register a system", operation_id="systems_register", request=SystemSerializer,
        responses={201: SystemSerializer},
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        said = SystemSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        made = register_system(**said.validated_data, now=timezone.now(), actor=request.user)
        return self.tagged(made, status=201)

    @extend_schema(
        summary="Edit a system", operation_id="systems_edit", request=SystemPatchSerializer, responses=SystemSerializer
    )
    def partial_update(self, request: Request, key: str) -> Response:
        system = self.get_object()
        require_revision(request, system)
        said = SystemPatchSerializer(system, data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        return self.tagged(edit_system(system, **said.validated_data, now=timezone.now(), actor=request.user))


@extend_schema_view(
    list=extend_schema(summary="Facilities", operation_id="facilities_list"),
    retrieve=extend_schema(summary="One facility", operation_id="facilities_retrieve"),
)
class FacilityViewSet(RegisterViewSet):
    """Hospitals, clinics, laboratories and offices, with their time zones."""

    queryset = Facility.objects.select_related("parent")
    serializer_class = FacilitySerializer


@extend_schema_view(
    list=extend_schema(summary="Domains", operation_id="domains_list"),
    retrieve=extend_schema(summary="One domain", operation_id="domains_retrieve"),
)
class DomainViewSet(RegisterViewSet):
    """The parts of the business that own systems."""

    queryset = Domain.objects.all()
    serializer_class = DomainSerializer


@extend_schema_view(
    list=extend_schema(summary="Business processes", operation_id="processes_list"),
    retrieve=extend_schema(summary="One business process", operation_id="processes_retrieve"),
)
class ProcessViewSet(RegisterViewSet):
    """What the interfaces are for, step by step."""

    queryset = BusinessProcess.objects.select_related("owner_team").prefetch_related(
        "steps__actor_system", "steps__interface"
    )
    serializer_class = ProcessSerializer


@extend_schema_view(
    list=extend_schema(summary="Products", operation_id="products_list"),
    retrieve=extend_schema(summary="One product", operation_id="products_retrieve"),
)
class ProductViewSet(RegisterViewSet):
    """Reusable API and event products."""

    queryset = Product.objects.prefetch_related("interfaces")
    serializer_class = ProductSerializer
