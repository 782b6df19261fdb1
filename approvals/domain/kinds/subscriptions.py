"""Subscriptions: a consumer that shall rely on an interface, or shall no longer."""

from __future__ import annotations

from .base import Kind


class SubscriptionKind(Kind):
    column, words = "subscription", "a consumer's subscription"
