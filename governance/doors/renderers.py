"""Answers as JSON, written by the fast encoder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder

fallback = JSONEncoder()


class OrjsonRenderer(BaseRenderer):
    """``application/json`` in UTF-8. Decimals, lazy texts and the like are written as REST framework would."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        try:
            return orjson.dumps(data, default=fallback.default, option=orjson.OPT_NON_STR_KEYS)
        except orjson.JSONEncodeError:  # an integer beyond 64 bits
            return json.dumps(data, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()
