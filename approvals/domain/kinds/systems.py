"""Systems: what the register says of them."""

from __future__ import annotations

from .base import Kind


class SystemKind(Kind):
    column, words, example = "system", "a system", "erp-hcm"
