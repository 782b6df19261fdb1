"""This app's part of the REST API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from . import calendar, classes, feeds, inbox, meetings, packs, policies, views, waivers

router = SimpleRouter()
router.register("changes", views.ChangeViewSet, basename="api-change")
router.register("inbox", inbox.InboxViewSet, basename="api-inbox")
router.register("templates", classes.TemplateViewSet, basename="api-template")
router.register("emergency-blocks", classes.EmergencyBlockViewSet, basename="api-emergency-block")
router.register("waivers", waivers.WaiverViewSet, basename="api-waiver")
router.register("calendar", calendar.CalendarViewSet, basename="api-calendar")
router.register("meetings", meetings.MeetingViewSet, basename="api-meeting")

urlpatterns = [
    path(
        "tables/<slug:key>/versions/<str:version>/submit/", policies.TableSubmitView.as_view(), name="api-table-submit"
    ),
    path("team-scores/", classes.TeamScoresView.as_view(), name="api-team-scores"),
    path("calendar-feed/", feeds.CalendarFeedView.as_view(), name="api-calendar-feed"),
    path("calendar-times/", feeds.CalendarTimesView.as_view(), name="api-calendar-times"),
    path("gate/", views.GateView.as_view(), name="api-gate"),
    path("gate", views.GateView.as_view(schema=None), name="api-gate-bare"),
    path("changes/<slug:key>/audit-pack/", packs.ChangePackView.as_view(), name="api-change-pack"),
    path("interfaces/<slug:key>/audit-pack/", packs.InterfacePackView.as_view(), name="api-interface-pack"),
    path("", include(router.urls)),
]
