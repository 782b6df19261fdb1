"""Mail: how the reader hears of what they should know, what could not be sent, and the way out from any mail."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from ..domain.mailing import person_of_token, stop_mail
from ..domain.notices import next_digest, read_all_notices, resend_notice, wish_mail
from ..domain.queries import dead_mail, dead_mail_named
from ..doors.pages import page_of, render_page
from ..kernel.errors import DomainError
from ..models import MailWish

SORTS = {"at": "at"}


class MailForm(forms.Form):
    """When mail comes, and in which zone the reader's day begins."""

    mail = forms.ChoiceField(label="When", choices=MailWish.choices, widget=forms.RadioSelect)
    timezone = forms.ChoiceField(label="Your time zone", help_text="The digest comes at its hour there.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timezone"].choices = [(zone, zone) for zone in sorted(available_timezones())]


@login_required
@require_http_methods(["GET", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    now, reader = timezone.now(), request.user
    form = MailForm(request.POST or None, initial={"mail": reader.mail, "timezone": reader.timezone})
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        wish_mail(reader, wish=said["mail"], timezone=said["timezone"], now=now, actor=reader)
        messages.success(request, "Your mail follows your wish from now on.")
        return redirect("governance:mail")
    page = page_of(dead_mail(reader), request, sorts=SORTS, default="-at", size=25)
    context = {"form": form, "digest": next_digest(reader, now=now), "page": page, "dead": page.rows}
    return render_page(request, "governance/mail.html", context=context, status=400 if form.is_bound else 200)


@login_required
@require_POST
def resend(request: HttpRequest, pk: str) -> HttpResponse:
    """Try once more what was given up."""
    found = dead_mail_named(request.user, pk)
    try:
        resend_notice(found, now=timezone.now(), actor=request.user)
        messages.success(request, f"The mail to {found.recipient} is tried again.")
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("governance:mail")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark every notice as read."""
    read_all_notices(now=timezone.now(), actor=request.user)
    return redirect("governance:home")


@csrf_exempt  # the token in the address is the proof, and mail programs post without a session (RFC 8058)
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """The way out from a mail: asks once, and stops it when posted to."""
    person = person_of_token(token)
    if request.method == "POST":
        stop_mail(token, now=timezone.now())
    return render_page(
        request, "governance/stop_mail.html", context={"person": person, "stopped": request.method == "POST"}
    )
