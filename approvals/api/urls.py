"""This app's part of the REST API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from . import views

router = SimpleRouter()
router.register("changes", views.ChangeViewSet, basename="api-change")
router.register("calendar", views.CalendarViewSet, basename="api-calendar")

urlpatterns = [
    path("gate/", views.GateView.as_view(), name="api-gate"),
    path("gate", views.GateView.as_view(schema=None), name="api-gate-bare"),
    path("", include(router.urls)),
]
