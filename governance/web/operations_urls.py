"""What operators and machines ask of the process itself."""

from django.urls import path

from . import operations

urlpatterns = [
    path("healthz", operations.healthz, name="healthz"),
    path("readyz", operations.readyz, name="readyz"),
    path("metrics", operations.metrics, name="metrics"),
    path("csp-report/", operations.csp_report, name="csp-report"),
]
