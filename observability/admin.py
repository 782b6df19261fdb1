"""Probes as operators see them in the admin: read-only, as everywhere."""

from django.contrib import admin

from governance.doors.admin import ReadOnlyAdmin

from .models import Probe, StatusChange


@admin.register(Probe)
class ProbeAdmin(ReadOnlyAdmin):
    list_display = ("interface", "name", "kind", "enabled", "state", "last_checked_at")
    list_filter = ("kind", "enabled", "state")
    list_select_related = ("interface",)
    search_fields = ("interface__key", "name")
    exclude = ("address",)


@admin.register(StatusChange)
class StatusChangeAdmin(ReadOnlyAdmin):
    list_display = ("probe", "from_state", "to_state", "at", "announced_at", "outcome")
    list_select_related = ("probe__interface",)
