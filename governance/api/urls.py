"""This app's part of the REST API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from . import audit, delegations, jobs, packs, people, table_versions, tables, webhooks

router = SimpleRouter()
router.register("tables/(?P<key>[^/.]+)/versions", table_versions.TableVersionViewSet, basename="api-table-version")
router.register("tables", tables.TableViewSet, basename="api-table")
router.register("delegations", delegations.DelegationViewSet, basename="api-delegation")
router.register("jobs", jobs.JobViewSet, basename="api-job")
router.register("teams", people.TeamViewSet, basename="api-team")
router.register("notices", people.NoticeViewSet, basename="api-notice")
router.register("webhooks", webhooks.WebhookViewSet, basename="api-webhook")
router.register("webhook-deliveries", webhooks.DeliveryViewSet, basename="api-webhook-delivery")
router.register("audit", audit.AuditViewSet, basename="api-audit")

urlpatterns = [
    path("people/me/", people.MeView.as_view(), name="api-me"),
    path("people/me/mail/", people.MailView.as_view(), name="api-my-mail"),
    path("tables/drafts/", table_versions.TableDraftsView.as_view(), name="api-table-drafts"),
    path("tables/import/", table_versions.TableImportView.as_view(), name="api-table-import"),
    path("audit/verify/", audit.AuditVerifyView.as_view(), name="api-audit-verify"),
    path("audit/key/", packs.SealingKeyView.as_view(), name="api-audit-key"),
    path("audit/packs/<str:quarter>/", packs.QuarterPackView.as_view(), name="api-audit-pack"),
    path("", include(router.urls)),
]
