"""New tables, tables from files, and two versions held against each other."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ..dmn.comparing import compare_tables
from ..dmn.xml_tree import MAX_BYTES
from ..domain import drafts
from ..domain.queries import table_version, versions_of_table
from ..domain.rules import require
from ..domain.table_files import import_tables
from ..domain.tables import table_document
from ..doors.http import status_of
from ..doors.pages import render_page
from ..kernel.errors import DomainError, TooLarge
from ..models import DecisionTable
from .tables import HIT_POLICIES


class NewTableForm(forms.Form):
    """A table that the board has not had yet."""

    key = forms.SlugField(label="Key", max_length=60, help_text="How programs ask for it, such as retention_period.")
    title = forms.CharField(label="Title", max_length=120)
    hit = forms.ChoiceField(label="Hit policy", choices=list(HIT_POLICIES.items()))


class ImportForm(forms.Form):
    """A file of another tool, or of this one."""

    file = forms.FileField(label="File", help_text="A DMN model of version 1.2 to 1.5, or JSON.")


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A first draft of a new table, with one output and no rule."""
    require(request.user, "draft", DecisionTable)
    form, status = NewTableForm(request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            said = form.cleaned_data
            document = {**drafts.new_document(said["key"]), "hit": said["hit"]}
            if said["hit"] in ("P", "O"):
                document["outputs"] = [{"name": "decision", "type": "string", "values": ["first", "second"]}]
            elif said["hit"] in ("C+", "C<", "C>"):
                document["outputs"] = [{"name": "total", "type": "number"}]
            try:
                made = drafts.start_draft(
                    said["key"], document=document, title=said["title"], now=timezone.now(), actor=request.user
                )
            except DomainError as error:
                beside(form, error)
                status = status_of(error)
            else:
                messages.success(request, f"{made} is drafted. Say what it asks and answers.")
                return redirect("governance:table-columns", made.key, made.version)
    return render_page(request, "governance/table_new.html", context={"form": form}, status=status)


def beside(form: forms.Form, error: DomainError) -> None:
    form.full_clean()
    form.add_error(None, error.message)
    for name in error.errors.keys() & form.fields.keys():
        form.add_error(name, error.errors[name])


@login_required
@require_http_methods(["GET", "POST"])
def read_file(request: HttpRequest) -> HttpResponse:
    """All tables of a file become drafts, or nothing is written and every error is listed by its line or cell."""
    require(request.user, "draft", DecisionTable)
    form, refusal, status = ImportForm(request.POST or None, request.FILES or None), None, 200
    made: list[DecisionTable] = []
    findings: tuple = ()
    if request.method == "POST":
        status = 400
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                if file.size > MAX_BYTES:
                    raise TooLarge(f"The file is larger than {MAX_BYTES:,} bytes.", code="BODY_TOO_LARGE")
                made, read = import_tables(file.read(), file.name, now=timezone.now(), actor=request.user)
                findings, status = read.findings, 200
            except DomainError as error:
                refusal, status = error, status_of(error)
    context = {"form": form, "refusal": refusal, "made": made, "findings": findings}
    return render_page(request, "governance/table_import.html", context=context, status=status)


@login_required
@require_safe
def compare(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """What this version says otherwise than another: the one in force, unless ``with`` names one."""
    shown = table_version(request.user, key, version)
    versions = list(versions_of_table(request.user, key))
    named = request.GET.get("with", "")
    if named:
        other = table_version(request.user, key, named)
    else:
        other = shown.based_on or table_version(request.user, key)
    found = compare_tables(table_document(other), table_document(shown))
    counts = [(kind, found.count(kind)) for kind in ("added", "removed", "changed", "moved") if found.count(kind)]
    context = {"table": shown, "other": other, "versions": versions, "found": found, "counts": counts}
    return render_page(request, "governance/table_compare.html", context=context)
