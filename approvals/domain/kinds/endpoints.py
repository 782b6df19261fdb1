"""Endpoints: an address on an interface's way."""

from __future__ import annotations

from .base import Kind


class EndpointKind(Kind):
    column, words = "endpoint", "an endpoint"
