"""These tests drive a real browser."""

from tests.factories.browser import chromium, desk, own_database, served, stage

__all__ = ["chromium", "desk", "own_database", "served", "stage"]
