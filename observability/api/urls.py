"""This app's part of the REST API."""

from rest_framework.routers import SimpleRouter

from .kpis import KpiViewSet
from .probes import ProbeViewSet

router = SimpleRouter()
router.register("probes", ProbeViewSet, basename="probe")
router.register("kpis", KpiViewSet, basename="kpi")
urlpatterns = router.urls
