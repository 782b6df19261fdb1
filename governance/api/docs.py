"""The API's own page, its OpenAPI document, and the sentence behind each problem code."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.views import APIView

from ..doors.codes import explanations
from ..kernel.errors import NotFound

COMMITTED = Path("docs") / "openapi.yaml"
MEDIA_TYPE = "application/vnd.oai.openapi"


class SchemaView(APIView):
    """The committed document; made from the code while there is none."""

    schema = None

    def get(self, request: Request) -> HttpResponse:
        committed = settings.BASE_DIR / COMMITTED
        if not committed.exists():
            return SpectacularAPIView.as_view()(request._request)
        return HttpResponse(committed.read_bytes(), content_type=MEDIA_TYPE, headers={"Cache-Control": "no-cache"})


@require_GET
@login_required
@ensure_csrf_cookie
def api_page(request: HttpRequest) -> HttpResponse:
    """The API to read and to try, with nothing loaded from outside."""
    return render(request, "governance/api_docs.html")


@require_GET
def explain_code(request: HttpRequest, code: str) -> HttpResponse:
    """What a problem's code means; problem documents name this address as their type."""
    if code not in explanations():
        raise NotFound(f"There is no problem code {code[:60]}.")
    status, sentence = explanations()[code]
    return JsonResponse({"code": code, "status": status, "explanation": sentence})
