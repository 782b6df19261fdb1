"""Structured logs: one JSON object a line, each with the request id and door of the work it tells of."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import structlog

from ..domain.context import origin


def with_origin(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Add the request id that is also in the audit row and in the response header."""
    came_through = origin()
    if came_through.request_id:
        event["request_id"] = came_through.request_id
        event["via"] = came_through.via
    return event


def configure(options: Mapping[str, Any]) -> None:
    """Django's LOGGING_CONFIG: everything, also what libraries log, leaves as JSON on standard error."""
    shared = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        with_origin,
    ]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options["level"])
    logging.getLogger("django.server").propagate = True
    # A refused request has its line in interlock.http, with the request id; what is left here are faults.
    logging.getLogger("django.request").addFilter(lambda record: bool(record.exc_info))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
