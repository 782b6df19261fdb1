"""A refusal to a person: a fragment inside the page that asked, a page of its own, or the way to sign in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template import TemplateDoesNotExist
from django.template.loader import get_template, select_template
from django.utils.html import format_html

from ..domain.context import origin
from ..kernel.errors import DomainError, NotAuthenticated
from .http import headers_of, problem, status_of, wants_problem

PLAIN = "<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1><p>{message}</p><p>{code} · {request_id}"


def refusal_page(request: HttpRequest, error: DomainError, templates: Sequence[str] = ()) -> HttpResponse:
    """The refusal as whoever asked can read it; ``templates`` are tried before ``errors/refusal.html``."""
    if wants_problem(request):
        return problem(request, error)
    htmx = getattr(request, "htmx", None)
    partial = bool(htmx) and not htmx.boosted and not htmx.history_restore_request
    if isinstance(error, NotAuthenticated):
        return to_login(request, partial=partial)
    names = ["errors/_refusal.html"] if partial else [*templates, "errors/refusal.html"]
    return HttpResponse(rendered(names, context_of(error), request), status=status_of(error), headers=headers_of(error))


def context_of(error: DomainError) -> dict[str, Any]:
    """What the templates in ``errors/`` may say."""
    return {
        "error": error,
        "status": status_of(error),
        "code": error.code,
        "message": error.message,
        "request_id": origin().request_id,
    }


def to_login(request: HttpRequest, *, partial: bool) -> HttpResponse:
    if partial:
        return HttpResponse(status=401, headers={"HX-Redirect": resolve_url("account_login")})
    return redirect_to_login(request.get_full_path())


def rendered(names: Sequence[str], context: dict[str, Any], request: HttpRequest) -> str:
    try:
        return select_template(names).render(context, request)
    except TemplateDoesNotExist:
        return plain(context)


def plain(context: dict[str, Any]) -> str:
    title = context["code"].replace("_", " ").capitalize()
    said = {name: context[name] for name in ("message", "code", "request_id")}
    return format_html(PLAIN, title=title, **said)


def fault_page(context: dict[str, Any]) -> str:
    """The page for a fault of ours: rendered without the request, so that the same fault cannot strike twice."""
    try:
        return get_template("errors/500.html").render(context)
    except Exception:  # noqa: BLE001  (whatever broke the answer must not also break this page)
        return plain(context)
