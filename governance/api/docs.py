"""The API's own pages, its OpenAPI document, and the sentence behind each problem code."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.views import APIView

from ..doors.codes import explanations
from ..kernel.errors import NotFound
from .reference import COMMITTED, areas, document, operations

MEDIA_TYPE = "application/vnd.oai.openapi"


class SchemaView(APIView):
    """The committed document; made from the code while there is none."""

    schema = None

    def get(self, request: Request) -> HttpResponse:
        committed = settings.BASE_DIR / COMMITTED
        if not committed.exists():
            return SpectacularAPIView.as_view()(request._request)
        return HttpResponse(committed.read_bytes(), content_type=MEDIA_TYPE, headers={"Cache-Control": "no-cache"})


@login_required
@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """What programs may ask, by area, and what holds for every question: who asks, how it is refused."""
    query = request.GET.get("q", "").strip()[:200]
    codes = sorted((status, code, sentence) for code, (status, sentence) in explanations().items())
    context = {
        "areas": areas(query),
        "sought": query,
        "total": len(operations()),
        "codes": codes,
        "info": document()["info"],
        "root": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "governance/api_docs.html", context)


@login_required
@require_safe
def api_operation(request: HttpRequest, operation: str) -> HttpResponse:
    """One operation: what it takes, what it answers, how it is refused, and a form that asks it as the reader."""
    if operation not in operations():
        raise NotFound(f"The API has no operation {operation[:60]}.")
    one = operations()[operation]
    siblings = dict(areas()).get(one.area, [])
    return render(request, "governance/api_operation.html", {"one": one, "siblings": siblings})


@require_GET
def explain_code(request: HttpRequest, code: str) -> HttpResponse:
    """What a problem's code means; problem documents name this address as their type."""
    if code not in explanations():
        raise NotFound(f"There is no problem code {code[:60]}.")
    status, sentence = explanations()[code]
    return JsonResponse({"code": code, "status": status, "explanation": sentence})
