"""Django's error handlers (``handler400`` to ``handler500`` in ``governance/urls.py``)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from ..kernel.errors import DomainError, Malformed, NotAllowed, NotFound
from .http import problem, wants_problem
from .refusals import context_of, fault_page, refusal_page
from .translation import refusal_from


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    error = (refusal_from(exception) if exception else None) or Malformed("The request cannot be read.")
    return refusal_page(request, error, ["errors/400.html"])


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refusal_page(request, NotAllowed("You may not do this."), ["errors/403.html"])


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    error = NotFound("There is nothing at this address, or you may not see it.")
    return refusal_page(request, error, ["errors/404.html"])


def fault(request: HttpRequest) -> HttpResponse:
    """A fault of ours: no details leave, only the request id under which the log tells more."""
    said = "Something broke on our side; nothing was half-written. Give the request id to an operator."
    error = DomainError(said, code="INTERNAL")
    if wants_problem(request):
        return problem(request, error)
    return HttpResponse(fault_page(context_of(error)), status=500)
