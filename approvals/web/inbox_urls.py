"""The inbox has an address of its own, beside the board's queue."""

from django.urls import path

from . import inbox

app_name = "inbox"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("waiting/", inbox.inbox, {"tab": "waiting"}, name="waiting"),
    path("stale/", inbox.inbox, {"tab": "stale"}, name="stale"),
]
