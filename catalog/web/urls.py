"""The pages of this app."""

from django.urls import path

from . import findings, fragments, lists, requests, spine, steps, systems

app_name = "catalog"
urlpatterns = [
    path("", lists.interfaces, name="interfaces"),
    path("request/", requests.request_interface, name="request"),
    path("verdicts/", requests.verdict_panel, name="verdict-panel"),
    path("home/", fragments.home_fragment, name="home-fragment"),
    path("search/", fragments.search_fragment, name="search-fragment"),
    path("systems/", lists.systems, name="systems"),
    path("systems/new/", systems.new_system, name="system-new"),
    path("systems/<slug:key>/", systems.system, name="system"),
    path("systems/<slug:key>/edit/", systems.change_system, name="system-edit"),
    path("findings/", findings.findings, name="findings"),
    path("findings/<uuid:pk>/", findings.finding, name="finding"),
    path("findings/<uuid:pk>/<slug:verb>/", findings.judge_finding, name="judge-finding"),
    path("<slug:key>/", spine.interface, name="interface"),
    path("<slug:key>/edit/", requests.edit_interface, name="edit"),
    path("<slug:key>/decide-pattern/", steps.decide, name="decide-pattern"),
    path("<slug:key>/owners/", steps.own, name="assign-owner"),
    path("<slug:key>/consumers/", steps.consume, name="subscribe"),
    path("<slug:key>/endpoints/", steps.connect, name="add-endpoint"),
    path("<slug:key>/evidence/", steps.attest, name="attest-fact"),
    path("<slug:key>/findings/", findings.report, name="report-finding"),
    path("<slug:key>/moves/<slug:verb>/", steps.move, name="move"),
]
