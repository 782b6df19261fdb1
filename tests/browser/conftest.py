"""These tests drive a real browser."""

from tests.factories.browser import chromium, desk, served, stage

__all__ = ["chromium", "desk", "served", "stage"]
