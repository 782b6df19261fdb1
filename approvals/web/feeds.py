"""A person's own calendar address: its page, and the address, at which calendar programs ask without a session."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from governance.doors.pages import render_page

from ..domain.calendar_queries import EVERYTHING, KINDS, calendar_choices
from ..domain.feeds import feed_bytes, feed_of, issue_feed, own_feed, reader_of, revoke_feed


@login_required
@require_safe
def feed_page(request: HttpRequest) -> HttpResponse:
    return show(request)


@sensitive_variables("secret", "context")
def show(request: HttpRequest, secret: str = "") -> HttpResponse:
    """Whether there is an address; the address itself once, in the answer to its making."""
    context: dict[str, Any] = {"feed": feed_of(request.user), "address": ""}
    if secret:
        context["address"] = request.build_absolute_uri(reverse("approvals:feed", args=[secret]))
    response = render_page(request, "approvals/calendar_feed.html", context=context)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
@sensitive_variables("secret")
def issue(request: HttpRequest) -> HttpResponse:
    """A new address; the one before is worthless."""
    _, secret = issue_feed(now=timezone.now(), actor=request.user)
    return show(request, secret)


@login_required
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    revoke_feed(own_feed(request.user), now=timezone.now(), actor=request.user)
    messages.success(request, "Your calendar address is taken back.")
    return redirect("approvals:feed-page")


@require_safe
@sensitive_variables("secret")
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar of the address's owner; 304 while nothing in it has changed."""
    reader = reader_of(secret)
    kinds = [kind for kind, _ in KINDS if kind in request.GET.getlist("kind")]
    scope = calendar_choices(reader).scope(request.GET.get("scope", "")) or EVERYTHING
    made = feed_bytes(
        reader, kinds=kinds, scope=scope, address=request.build_absolute_uri("/").rstrip("/"), now=timezone.now()
    )
    tag = quote_etag(hashlib.sha256(made).hexdigest()[:32])
    response: HttpResponse = HttpResponse(made, content_type="text/calendar; charset=utf-8")
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    else:
        response["Content-Disposition"] = 'inline; filename="interlock.ics"'
    response["ETag"], response["Cache-Control"] = tag, "private, max-age=300"
    response["Referrer-Policy"] = "no-referrer"
    return response
