"""A system's page, and the forms that register and edit one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from governance.domain.audit import history_of
from governance.domain.rules import can, require
from governance.doors.http import status_of
from governance.doors.pages import render_page
from governance.kernel.errors import DomainError, NotAllowed
from governance.models import Team, User

from ..domain.queries import proposing_domains, register_of, system_page
from ..domain.systems import edit_system, register_system
from ..models import DataClass, Disposition, Domain, Hosting, Protocol, System, SystemKind, Tier
from .forms import refuse

SHOWN = 100


class SystemForm(forms.Form):
    """What an architect says of an application."""

    key = forms.SlugField(max_length=40, help_text="Short and lasting, such as ehr-a.")
    name = forms.CharField(max_length=120)
    domain = forms.ModelChoiceField(Domain.objects.none(), to_field_name="key", empty_label="Choose")
    kind = forms.ChoiceField(choices=[("", "Choose"), *SystemKind.choices])
    vendor = forms.CharField(max_length=80, required=False)
    product = forms.CharField(max_length=80, required=False)
    owner_team = forms.ModelChoiceField(Team.objects.order_by("name"), required=False, to_field_name="key")
    tier = forms.TypedChoiceField(choices=Tier.choices, coerce=int, initial="3", label="How soon must it be back?")
    hosting = forms.ChoiceField(choices=Hosting.choices)
    disposition = forms.ChoiceField(choices=Disposition.choices, initial="SUSTAIN")
    speaks = forms.MultipleChoiceField(choices=Protocol.choices, required=False, widget=forms.CheckboxSelectMultiple)
    data_classes = forms.MultipleChoiceField(
        choices=DataClass.choices, required=False, widget=forms.CheckboxSelectMultiple, label="Classes of data"
    )
    baa_reference = forms.CharField(max_length=80, required=False, label="Business associate agreement")
    baa_expires_on = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}), label="Agreement expires on"
    )
    strategy = forms.CharField(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
    description = forms.CharField(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, actor: User, editing: System | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if editing:
            del self.fields["key"], self.fields["domain"]
        else:
            self.fields["domain"].queryset = proposing_domains(actor)


@login_required
@require_safe
def system(request: HttpRequest, key: str) -> HttpResponse:
    """One system: what it is, where it runs, and the interfaces that leave and enter it."""
    shown = system_page(request.user, key)
    register = register_of(request.user)
    consumed = register.filter(subscriptions__consumer=shown, subscriptions__until__isnull=True)
    context = {
        "system": shown, "may_edit": can(request.user, "edit", shown),
        "events": history_of(shown).order_by("-seq")[:SHOWN],
        "flows": [
            ("Data leaves it", list(register.filter(source=shown)[:SHOWN])),
            ("Data enters it", list(register.filter(target=shown)[:SHOWN])),
            ("It consumes", list(consumed[:SHOWN])),
        ],
    }  # fmt: skip
    return render_page(request, "catalog/system.html", context=context)


@login_required
@require_http_methods(["GET", "POST"])
def new_system(request: HttpRequest) -> HttpResponse:
    """Register an application in one of the architect's domains."""
    if not proposing_domains(request.user).exists():
        raise NotAllowed("Architects register systems, in the domains of their teams. Ask one of them.")
    form = SystemForm(request.POST or None, actor=request.user)
    if request.method == "GET" or not form.is_valid():
        return form_page(request, form, status=200 if request.method == "GET" else 400)
    try:
        made = register_system(**form.cleaned_data, now=timezone.now(), actor=request.user)
    except DomainError as error:
        refuse(form, error)
        return form_page(request, form, status=status_of(error))
    messages.success(request, f"{made.name} is registered.")
    return redirect("catalog:system", made.key)


@login_required
@require_http_methods(["GET", "POST"])
def change_system(request: HttpRequest, key: str) -> HttpResponse:
    """Correct what is said of an application; its key and domain stay."""
    shown = system_page(request.user, key)
    require(request.user, "edit", shown)
    form = SystemForm(request.POST or None, actor=request.user, editing=shown, initial=initial_from(shown))
    if request.method == "GET" or not form.is_valid():
        return form_page(request, form, editing=shown, status=200 if request.method == "GET" else 400)
    seen = request.POST.get("revision", "")
    revision = int(seen) if seen.isdecimal() else None
    try:
        edit_system(shown, revision=revision, **form.cleaned_data, now=timezone.now(), actor=request.user)
    except DomainError as error:
        refuse(form, error)
        fresh = system_page(request.user, key)
        return form_page(request, form, editing=fresh, status=status_of(error))
    messages.success(request, f"{shown.name} is saved.")
    return redirect("catalog:system", shown.key)


def initial_from(shown: System) -> dict[str, Any]:
    said = {name: getattr(shown, name) for name in SystemForm.base_fields if name not in ("domain", "owner_team")}
    return {**said, "tier": str(shown.tier), "owner_team": shown.owner_team.key if shown.owner_team else ""}


def form_page(request: HttpRequest, form: SystemForm, *, editing: System | None = None, status: int) -> HttpResponse:
    return render_page(request, "catalog/system_form.html", context={"form": form, "editing": editing}, status=status)
