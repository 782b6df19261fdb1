"""Waivers: what the board tolerates for a time."""

from __future__ import annotations

from .base import Kind


class WaiverKind(Kind):
    column, words = "waiver", "a waiver"
