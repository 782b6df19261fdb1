"""Audit packs from the pages of a change and of an interface."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.domain.lookups import interface_named
from governance.doors.packs import pack_response

from ..domain.packs import export_change, export_interface
from ..domain.queries import change_page


@login_required
@require_safe
def change_pack(request: HttpRequest, key: str) -> FileResponse:
    change = change_page(request.user, key)
    return pack_response(export_change(change, now=timezone.now(), actor=request.user))


@login_required
@require_safe
def interface_pack(request: HttpRequest, key: str) -> FileResponse:
    interface = interface_named(request.user, key)
    return pack_response(export_interface(interface, now=timezone.now(), actor=request.user))
