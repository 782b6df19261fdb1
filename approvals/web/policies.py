"""Asking the board for a version of a decision table."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance.domain.queries import table_version
from governance.domain.rules import require
from governance.domain.table_checks import standing_of
from governance.doors.http import status_of
from governance.doors.pages import render_page
from governance.kernel.errors import DomainError

from ..domain.items import ItemSpec
from ..domain.policies import ask_for_table, plan_for_table
from ..models import ChangeRequest
from .asking import asks_of, taken, waiting_words
from .forms import AskForm, moment, refuse


class AskTableForm(AskForm):
    """What the board needs to know of a version, and from when it shall be in force."""

    effective_from = moment("In force from (UTC)", "Empty: as soon as the change is carried out.")

    def values(self) -> dict:
        said = super().values()
        if self.cleaned_data.get("effective_from"):
            said["effective_from"] = self.cleaned_data["effective_from"]
        return said


@login_required
@require_http_methods(["GET", "POST"])
def submit_table(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """Ask for a draft to come into force; posted, its voters are asked, or nothing was written."""
    table = table_version(request.user, key, version)
    require(request.user, "open", ChangeRequest)
    if table.state != "DRAFT" and request.method == "GET":
        messages.info(request, f"{table} is {table.get_state_display().lower()}: only a draft is asked of the board.")
        return redirect("governance:table", key, version)
    planned = plan_for_table(now=timezone.now())
    form = AskTableForm(request.POST or None, evidence=list(planned.plan.evidence))
    form.fields["title"].help_text = "Empty: the table's name."
    refusal, status = taken([ItemSpec(table, "CREATE")]), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                change = ask_for_table(table, **form.values(), now=timezone.now(), actor=request.user)
            except DomainError as error:
                refuse(form, error)
                status = status_of(error)
                table = table_version(request.user, key, version)
            else:
                messages.success(request, f"{change.key} is submitted: {waiting_words(change)}")
                return redirect("approvals:change", change.key)
    context = {
        "table": table, "form": form, "planned": planned, "asks": asks_of(planned), "refusal": refusal,
        "standing": standing_of(table),
    }  # fmt: skip
    return render_page(request, "approvals/table_ask.html", context=context, status=status)
