"""Editing a draft of a decision table: a grid that checks each cell as it is typed, and what is left beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..dmn.editing import cell_problems, output_problems
from ..domain import drafts
from ..domain.gap_commands import accept_gaps, reopen_gaps
from ..domain.queries import table_version
from ..domain.rules import require
from ..domain.table_checks import LIVE_BUDGET, facts_words, standing_of
from ..domain.tables import compiled
from ..doors.http import status_of
from ..doors.pages import render_page
from ..kernel.errors import Conflict, DomainError, Invalid
from ..models import DecisionTable
from .table_grid import TYPES, Column, column_named, column_rows, columns_from, grid_of
from .tables import HIT_POLICIES, lists, read_fact

MOST_SHOWN = 20


def draft_named(request: HttpRequest, key: str, version: str) -> DecisionTable:
    """The version, for one who may edit. Raises ``NotFound`` and ``NotAllowed``."""
    found = table_version(request.user, key, version)
    require(request.user, "edit", found)
    return found


def by(request: HttpRequest) -> dict[str, Any]:
    return {"now": timezone.now(), "actor": request.user}


@login_required
@require_POST
def start(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """A draft that begins as a copy of this version."""
    base = draft_named(request, key, version)
    made = drafts.start_draft(key, based_on=base, **by(request))
    messages.success(request, f"{made} is a draft. It binds nobody until the board approves it.")
    return redirect("governance:table-edit", made.key, made.version)


@login_required
@require_safe
def edit(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """The grid, the test cases, and what is left until the board can be asked."""
    table = draft_named(request, key, version)
    if table.state != "DRAFT":
        messages.info(request, f"{table} is {table.get_state_display().lower()}: only a draft is edited.")
        return redirect("governance:table", key, version)
    return grid_page(request, table)


def grid_page(
    request: HttpRequest, table: DecisionTable, *, focus: str = "", refusal: DomainError | None = None
) -> HttpResponse:
    document = drafts.full_document(table)
    asked = request.GET.get("page", "1")
    grid = grid_of(document, number=int(asked) if asked.isdecimal() and len(asked) < 6 else 1, focus=focus)
    context = {
        "table": table, "document": document, "grid": grid, "hit_words": HIT_POLICIES[table.hit], "refusal": refusal,
        "submit_url": submit_url(table),
    }  # fmt: skip
    status = status_of(refusal) if refusal else 200
    return render_page(request, "governance/table_edit.html", "governance/_table_grid.html", context, status=status)


def submit_url(table: DecisionTable) -> str:
    """Where the board is asked; nothing while no app offers it."""
    try:
        return reverse("approvals:submit-table", args=[table.key, table.version])
    except NoReverseMatch:
        return ""


@login_required
@require_POST
def check_cell(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """What is wrong with a cell as it is typed; nothing is written."""
    table = draft_named(request, key, version)
    column, text = said_cell(request, table)
    problems = problems_of(table, column, text) if column else []
    context = {"problems": problems, "allowed": column.allowed if column and problems else ""}
    return render(request, "governance/_cell_said.html", context)


def said_cell(request: HttpRequest, table: DecisionTable) -> tuple[Column | None, str]:
    """The column that the posted cell stands in; None for a rule's reason or id."""
    side, name, text = (request.POST.get(part, "") for part in ("side", "name", "text"))
    if side in ("note", "id"):
        return None, text
    column = column_named({"inputs": table.inputs, "outputs": table.outputs}, side, name)
    if column is None:
        raise Conflict(f"The table has no column {name[:80]} now. Reload the page.")
    return column, text


def problems_of(table: DecisionTable, column: Column, text: str) -> list[str]:
    if column.side == "when":
        return cell_problems(column.document, text)
    return output_problems(column.document, column.value(text), hit=table.hit)


@login_required
@require_POST
def save_cell(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """One cell, kept as soon as it is left; another's later word on the same cell is shown, not overwritten."""
    table = draft_named(request, key, version)
    rule, side, name = (request.POST.get(part, "") for part in ("rule", "side", "name"))
    column, text = said_cell(request, table)
    try:
        check_unseen(table, rule, column, side, request.POST.get("was", ""))
        value = column.value(text) if column else text.strip()
        drafts.edit_rule(table, rule, **({side: {name: value}} if column else {side: value}), **by(request))
    except DomainError as error:
        problems = [one for said in error.errors.values() for one in said] or [error.message]
        context = {"problems": problems, "allowed": column.allowed if column else ""}
        return render(request, "governance/_cell_said.html", context, status=status_of(error))
    return render(request, "governance/_cell_said.html", {"saved": True})


def check_unseen(table: DecisionTable, rule: str, column: Column | None, side: str, was: str) -> None:
    """Raises ``Conflict`` when the cell says something else now than the writer was shown."""
    found = next((one for one in drafts.full_document(table)["rules"] if one["id"] == rule), None)
    if found is None:
        raise Conflict(f"There is no rule {rule[:40]} any more. Reload the page.")
    now = column.text(found) if column else str(found.get(side) or "")
    if now != was:
        raise Conflict(f"Somebody else wrote {now or 'nothing'} here meanwhile. Reload the page, then write again.")


@login_required
@require_POST
def rules(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """Rules come, go and move; the answer is the grid as it then is, with the rule to go on with."""
    table = draft_named(request, key, version)
    move, _, rule = request.POST.get("do", "").partition(":")
    try:
        if move not in MOVES:
            raise Invalid("Choose what to do with the rule.", errors={"do": [f"one of {', '.join(MOVES)}"]})
        focus = MOVES[move](table, rule, by(request))
    except DomainError as error:
        return grid_page(request, table_version(request.user, key, version), focus=rule, refusal=error)
    return grid_page(request, table, focus=focus)


def add(table: DecisionTable, rule: str, who: dict[str, Any]) -> str:
    return added(table, rule, {}, who)


def duplicate(table: DecisionTable, rule: str, who: dict[str, Any]) -> str:
    document = drafts.full_document(table)
    found = next((one for one in document["rules"] if one["id"] == rule), {})
    return added(table, rule, {**found, "id": ""}, who)


def added(table: DecisionTable, rule: str, content: Mapping[str, Any], who: dict[str, Any]) -> str:
    before = {one["id"] for one in drafts.full_document(table)["rules"]}
    drafts.add_rule(table, rule=content, after=rule or None, **who)
    return next(one["id"] for one in drafts.full_document(table)["rules"] if one["id"] not in before)


def remove(table: DecisionTable, rule: str, who: dict[str, Any]) -> str:
    ids = [one["id"] for one in drafts.full_document(table)["rules"]]
    drafts.remove_rule(table, rule, **who)
    left = [one for one in ids if one != rule]
    return left[min(ids.index(rule), len(left) - 1)] if left else ""


def step(by_how_many: int) -> Callable[[DecisionTable, str, dict[str, Any]], str]:
    def moved(table: DecisionTable, rule: str, who: dict[str, Any]) -> str:
        ids = [one["id"] for one in drafts.full_document(table)["rules"]]
        at = ids.index(rule) if rule in ids else 0
        drafts.move_rule(table, rule, to=max(1, at + 1 + by_how_many), **who)
        return rule

    return moved


def close(table: DecisionTable, region: str, who: dict[str, Any]) -> str:
    """A rule with the cells of a gap: its author says what follows."""
    return added(table, "", {"when": region_from(region), "note": ""}, who)


MOVES: Mapping[str, Callable[[DecisionTable, str, dict[str, Any]], str]] = {
    "add": add, "duplicate": duplicate, "remove": remove, "up": step(-1), "down": step(1), "close": close,
}  # fmt: skip


def region_from(text: str) -> dict[str, str]:
    try:
        region = json.loads(text)
    except ValueError:
        region = None
    if not isinstance(region, dict) or not all(isinstance(cell, str) for cell in region.values()):
        raise Invalid("This is no gap of the table.", errors={"regions": ["Reload the page and choose again."]})
    return region


@login_required
@require_safe
def standing(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """What is left until the board can be asked: gaps and overlaps with one example each, and failing cases."""
    return standing_panel(request, draft_named(request, key, version))


def standing_panel(request: HttpRequest, table: DecisionTable, refusal: DomainError | None = None) -> HttpResponse:
    found = standing_of(table, budget=LIVE_BUDGET)
    context = {
        "table": table, "standing": found, "refusal": refusal, "submit_url": submit_url(table),
        "gaps": [(json.dumps(gap.region), gap.region, facts_words(gap.example)) for gap in found.gaps[:MOST_SHOWN]],
        "more_gaps": max(0, len(found.gaps) - MOST_SHOWN),
        "accepted": [(json.dumps(gap["region"]), gap) for gap in (*found.accepted, *found.void)],
        "others": [one for one in found.findings if one.code in ("OVERLAP", "RULE_NEVER", "ANALYSIS_UNFINISHED")],
        "all_regions": [json.dumps(gap.region) for gap in found.gaps],
    }  # fmt: skip
    status = status_of(refusal) if refusal else 200
    return render(request, "governance/_table_standing.html", context, status=status)


@login_required
@require_POST
def gaps(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """Gaps left open on purpose with a reason, or taken back; the answer is the panel as it then is."""
    table = draft_named(request, key, version)
    try:
        regions = [region_from(text) for text in request.POST.getlist("region")]
        if request.POST.get("do") == "reopen":
            reopen_gaps(table, regions, **by(request))
        else:
            accept_gaps(table, regions, reason=request.POST.get("reason", ""), **by(request))
    except DomainError as error:
        return standing_panel(request, table_version(request.user, key, version), error)
    return standing_panel(request, table)


@login_required
@require_POST
def cases(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """A test case comes or goes; the answer is the panel as it then is."""
    table = draft_named(request, key, version)
    try:
        stored = drafts.full_document(table)["cases"]
        name = request.POST.get("name", "").strip()
        kept = [case for case in stored if case["name"] != name]
        if request.POST.get("do") != "remove":
            if len(kept) < len(stored):
                said = "Another case has this name: choose one of its own."
                raise Invalid(said, errors={"name": [said]})
            kept.append(case_from(request, table, name))
        drafts.edit_cases(table, kept, **by(request))
    except DomainError as error:
        return standing_panel(request, table_version(request.user, key, version), error)
    return standing_panel(request, table)


def case_from(request: HttpRequest, table: DecisionTable, name: str) -> dict[str, Any]:
    """A case as the form says it; an expectation left empty is what the table says now."""
    machine = compiled(table)[0]
    said = {column.name: request.POST.get(f"f.{column.name}", "").strip() for column in machine.inputs}
    facts = {fact: read_fact(text, lists(machine, fact)) for fact, text in said.items() if text}
    expect: dict[str, Any] = {}
    if request.POST.get("rules", "").strip():
        expect["rules"] = [rule.strip() for rule in request.POST["rules"].split(",") if rule.strip()]
    if request.POST.get("output", "").strip():
        try:
            expect["output"] = json.loads(request.POST["output"])
        except ValueError:
            sentence = 'The output is JSON, such as {"verdict": "REQUIRED"}.'
            raise Invalid(sentence, errors={"output": [sentence]}) from None
    if not expect:
        answer = machine.evaluate(facts, trace=False)
        expect = {"output": answer.output, "rules": list(answer.rules)}
    return {"name": name, "facts": facts, "expect": expect}


@login_required
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """The inputs and outputs, the hit policy and the title; cells follow a column that is renamed."""
    table = draft_named(request, key, version)
    document, refusal = drafts.full_document(table), None
    if request.method == "POST":
        given = request.POST.dict()
        said = {side: columns_from(given, side, document[side]) for side in ("inputs", "outputs")}
        hit, title = given.get("hit", ""), given.get("title", "")
        try:
            drafts.edit_columns(table, hit=hit, title=title, **said, **by(request))
        except DomainError as error:
            refusal, document = error, {**document, **said, "hit": hit, "title": title}
        else:
            messages.success(request, "The columns are saved.")
            return redirect("governance:table-edit", key, version)
    context = {
        "table": table, "document": document, "refusal": refusal, "types": TYPES, "policies": HIT_POLICIES,
        "sides": [(side, title, column_rows(document, side)) for side, title in SIDES],
    }  # fmt: skip
    status = status_of(refusal) if refusal else 200
    return render_page(request, "governance/table_columns.html", context=context, status=status)


SIDES = (("inputs", "Inputs"), ("outputs", "Outputs"))
