"""Is the process up, may it take traffic, what are its figures, and what did browsers refuse to load."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ..domain.clock import live_parts
from ..domain.queries import due_tables
from ..doors.metrics import CSP_REPORTS, count_due, refresh_due
from ..kernel.bounded import parse_json
from ..kernel.errors import Malformed, NotAllowed

MAX_REPORT_BYTES = 16 * 1024
LOOPBACK = {"127.0.0.1", "::1"}
log = structlog.get_logger("interlock.operations")
_migrated: set[str] = set()

count_due("decision_table", due_tables)


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "up"})


@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when every part is there, else 503 that names the parts which are not."""
    parts = parts_ready()
    lacking = sorted(part for part, ready in parts.items() if not ready)
    body = {"ready": not lacking, "parts": parts, "not_ready": lacking}
    return JsonResponse(body, status=503 if lacking else 200, headers={"Cache-Control": "no-store"})


def parts_ready() -> dict[str, bool]:
    """database, migrations, worker and beat; without a database the rest cannot be known, so it is not ready."""
    parts = dict.fromkeys(("database", "migrations", "worker", "beat"), False)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        parts["database"] = True
        parts["migrations"] = migrated()
        return parts | live_parts(now=timezone.now()) if parts["migrations"] else parts
    except DatabaseError as failed:
        log.warning("not ready", failed=type(failed).__name__)
        return parts


def migrated() -> bool:
    """Whether every migration is applied. Yes is remembered: a running process cannot lose one."""
    name = str(connection.settings_dict["NAME"])
    if name not in _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.add(name)
    return True


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, to this machine only unless METRICS_OPEN says otherwise."""
    direct = request.META.get("REMOTE_ADDR") in LOOPBACK and "X-Forwarded-For" not in request.headers
    if not direct and not settings.METRICS_OPEN:
        raise NotAllowed("The metrics are open to this machine only. The setting METRICS_OPEN opens them.")
    refresh_due(now=timezone.now())
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """A browser tells that it refused to load something: the directive and the origin are kept, no address."""
    body = request.read(MAX_REPORT_BYTES + 1)
    report = parse_json(body, max_bytes=MAX_REPORT_BYTES, max_depth=8, what="report")
    for entry in report if isinstance(report, list) else [report]:
        note_breach(entry)
    return HttpResponse(status=204)


def note_breach(entry: Any) -> None:
    said = (entry.get("csp-report") or entry.get("body")) if isinstance(entry, dict) else None
    if not isinstance(said, dict):
        raise Malformed("This is not a report of a Content-Security-Policy breach.")
    directive = str(said.get("effective-directive") or said.get("effectiveDirective") or said.get("violated-directive"))
    known = directive.partition(" ")[0]
    known = known if known in DIRECTIVES else "other"
    CSP_REPORTS.labels(known).inc()
    log.warning("csp breach", directive=known, blocked=origin_of(said.get("blocked-uri") or said.get("blockedURL")))


DIRECTIVES = {
    *("default-src", "img-src", "object-src", "base-uri", "form-action", "frame-ancestors", "script-src", "style-src"),
    *("script-src-elem", "script-src-attr", "style-src-elem", "style-src-attr", "connect-src", "font-src", "frame-src"),
    *("worker-src", "manifest-src", "media-src", "child-src"),
}


def origin_of(address: Any) -> str:
    """Scheme and host of what was blocked; a bare word such as ``inline`` as it is."""
    try:
        parts = urlsplit(str(address)[:300])
    except ValueError:
        return "unreadable"
    return f"{parts.scheme}://{parts.hostname or ''}"[:120] if parts.scheme else parts.path.partition("/")[0][:40]
