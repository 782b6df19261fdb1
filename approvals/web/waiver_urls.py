"""Where the pages of waivers are, under ``/changes/waivers/``."""

from django.urls import path

from . import waivers

WAIVERS = [
    path("waivers/", waivers.waivers, name="waivers"),
    path("waivers/of/<slug:key>/", waivers.interface_waivers, name="interface-waivers"),
    path("waivers/new/<slug:interface>/", waivers.ask, name="waiver-new"),
    path("waivers/finding/<uuid:pk>/", waivers.waive_finding, name="waive-finding"),
    path("waivers/<slug:key>/", waivers.waiver, name="waiver"),
    path("waivers/<slug:key>/remediate/", waivers.remediate, name="waiver-remediate"),
    path("waivers/<slug:key>/revoke/", waivers.revoke, name="waiver-revoke"),
    path("waivers/<slug:key>/renew/", waivers.renew, name="waiver-renew"),
]
