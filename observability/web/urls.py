"""The pages of this app."""

from django.urls import path

from . import health, scorecard

app_name = "observability"
urlpatterns = [
    path("", health.health, name="health"),
    path("home/", health.home_fragment, name="home-fragment"),
    path("scorecard/", scorecard.scorecard, name="scorecard"),
    path("lead-times/", scorecard.lead_times, name="lead-times"),
    path("products/", scorecard.products, name="products"),
    path("interfaces/<str:key>/", health.interface_health, name="interface-health"),
    path("interfaces/<str:key>/probes/new/", health.register, name="register-probe"),
    path("probes/<uuid:pk>/", health.probe, name="probe"),
    path("probes/<uuid:pk>/series/", health.series, name="probe-series"),
    path("probes/<uuid:pk>/pause/", health.pause, name="pause-probe"),
    path("probes/<uuid:pk>/resume/", health.resume, name="resume-probe"),
]
