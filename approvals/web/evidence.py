"""Giving evidence on a change's page, taking it back, and reading the files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.domain.files import check_size
from governance.doors.files import file_response
from governance.kernel.errors import DomainError, Invalid

from ..domain.evidence import attach_evidence, link_evidence, state_evidence, withdraw_evidence
from ..domain.evidence_queries import file_of
from ..domain.pieces import missing_evidence
from ..domain.queries import change_page
from ..models import ChangeRequest
from .change import show
from .forms import refuse

INCOMPLETE = "Nothing was given yet: look at what is marked."


class AttachForm(forms.Form):
    kind = forms.CharField(max_length=60, widget=forms.HiddenInput)
    file = forms.FileField(label="File", allow_empty_file=True, max_length=1000)


class LinkForm(forms.Form):
    kind = forms.CharField(max_length=60, widget=forms.HiddenInput)
    url = forms.CharField(label="Link", max_length=500)
    sha256 = forms.CharField(label="SHA-256 of the document", max_length=64, required=False)


class StateForm(forms.Form):
    kind = forms.CharField(max_length=60, widget=forms.HiddenInput)
    text = forms.CharField(label="In words", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class WithdrawForm(forms.Form):
    piece = forms.CharField(max_length=40)


@login_required
@require_POST
def attach(request: HttpRequest, key: str) -> HttpResponse:
    def attached(row: ChangeRequest, *, kind: str, file: UploadedFile, **by: Any) -> ChangeRequest:
        check_size(file.size or 0)
        return attach_evidence(row, kind=kind, content=file.read(), name=file.name or "", **by)

    return run(request, key, attached, AttachForm(request.POST, request.FILES))


@login_required
@require_POST
def link(request: HttpRequest, key: str) -> HttpResponse:
    return run(request, key, link_evidence, LinkForm(request.POST))


@login_required
@require_POST
def state(request: HttpRequest, key: str) -> HttpResponse:
    return run(request, key, state_evidence, StateForm(request.POST))


@login_required
@require_POST
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    return run(request, key, withdraw_evidence, WithdrawForm(request.POST))


@login_required
@require_safe
def download(request: HttpRequest, key: str, piece: str) -> HttpResponse:
    """The file, for whoever may read the change."""
    return file_response(*file_of(change_page(request.user, key), str(piece)))


def run(request: HttpRequest, key: str, command: Callable[..., Any], form: forms.Form) -> HttpResponse:
    """Refused: the fresh page with the sentence beside the kind it is about. Done: back to the evidence."""
    row = change_page(request.user, key)
    if not form.is_valid():
        wrong = {field: list(map(str, sentences)) for field, sentences in form.errors.items()}
        return show(request, row, refusal=Invalid(INCOMPLETE, errors=wrong), bound={"evidence": form})
    asked_again = row.state in ("AUTHORIZE", "SCHEDULED")
    try:
        command(row, **form.cleaned_data, now=timezone.now(), actor=request.user)
    except DomainError as error:
        refuse(form, error)
        return show(request, change_page(request.user, key), refusal=error, bound={"evidence": form})
    messages.success(request, said_of(change_page(request.user, key), asked_again=asked_again))
    return redirect(f"{reverse('approvals:change', args=[key])}#evidence")


def said_of(row: ChangeRequest, *, asked_again: bool) -> str:
    """What the reader's step has come to, in one sentence."""
    left = len(missing_evidence(row))
    if row.state == "ASSESS" and left:
        return f"{row.key} still misses {left} {'piece' if left == 1 else 'pieces'} of evidence."
    if row.state == "AUTHORIZE":
        return f"{row.key} has revision {row.number} now: its voters are asked{' again' if asked_again else ''}."
    return f"The evidence of {row.key} is written."
