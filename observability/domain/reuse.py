"""API reuse: how many of the products are used by more than one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from catalog.models import Product
from governance.domain.rules import visible

from .kpi_parts import Kpi, Question

TRAFFIC_WITHIN = dt.timedelta(days=90)
REUSED_FROM = 2


def products_with_consumers(question: Question) -> QuerySet[Any]:
    """The active products with ``consumers``: distinct systems with production traffic in the last 90 days."""
    lately = Q(
        interfaces__subscriptions__last_traffic_at__gt=question.now - TRAFFIC_WITHIN,
        interfaces__subscriptions__last_traffic_at__lte=question.now,
    )
    products = visible(Product.objects.filter(active=True), question.actor)
    if question.domain or question.interface:
        products = products.filter(pk__in=Product.objects.filter(interfaces__in=question.interfaces()).values("pk"))
    counted = Count("interfaces__subscriptions__consumer", distinct=True, filter=lately)
    newest = Max("interfaces__subscriptions__last_traffic_at", filter=lately)
    return products.annotate(consumers=counted, newest_traffic=newest).order_by("name")


def api_reuse(question: Question) -> Kpi:
    """Products with at least 2 consumer systems with production traffic in 90 days / active products.

    Source: DOMAIN, "KPIs". The window is 90 days whatever else is asked; a share of a closed list needs no minimum.
    """
    products = list(products_with_consumers(question))
    reused = [product for product in products if product.consumers >= REUSED_FROM]
    seen = [product.newest_traffic for product in products if product.newest_traffic]
    return Kpi(
        key="api_reuse",
        label="API reuse",
        value=round(100 * len(reused) / len(products), 1) if products else None,
        unit="%",
        n=len(products),
        window_days=TRAFFIC_WITHIN.days,
        scope=question.scope,
        direction="up",
        method=f"{len(reused)} of {len(products)} active products have {REUSED_FROM} or more consumer systems",
        rows="products",
        note="" if products else "no active products",
        freshness=max(seen, default=None),
    )
