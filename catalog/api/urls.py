"""This app's part of the REST API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from . import findings, interfaces, systems

router = SimpleRouter()
router.register("systems", systems.SystemViewSet, basename="api-system")
router.register("interfaces", interfaces.InterfaceViewSet, basename="api-interface")
router.register("findings", findings.FindingViewSet, basename="api-finding")
router.register("facilities", systems.FacilityViewSet, basename="api-facility")
router.register("domains", systems.DomainViewSet, basename="api-domain")
router.register("processes", systems.ProcessViewSet, basename="api-process")
router.register("products", systems.ProductViewSet, basename="api-product")

urlpatterns = [
    path("assessments/", interfaces.AssessmentView.as_view(), name="api-assessments"),
    path("", include(router.urls)),
]
