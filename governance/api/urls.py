"""This app's part of the REST API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from . import audit, delegations, people, tables

router = SimpleRouter()
router.register("tables", tables.TableViewSet, basename="api-table")
router.register("delegations", delegations.DelegationViewSet, basename="api-delegation")
router.register("teams", people.TeamViewSet, basename="api-team")
router.register("notices", people.NoticeViewSet, basename="api-notice")
router.register("audit", audit.AuditViewSet, basename="api-audit")

urlpatterns = [
    path("people/me/", people.MeView.as_view(), name="api-me"),
    path("audit/verify/", audit.AuditVerifyView.as_view(), name="api-audit-verify"),
    path("", include(router.urls)),
]
