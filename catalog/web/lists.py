"""The register and the systems as lists: filtered by address, sorted, paged, exported."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from governance.doors.pages import Facet, csv_response, page_of, render_page

from ..domain.queries import proposing_domains, register_of, systems_of
from ..lifecycle import INTERFACE
from ..models import DomainKey, Hosting, Interface, System, SystemKind
from ..models.interfaces import InterfaceQuerySet
from ..patterns import PATTERN_CHOICES
from .panels import pattern_names

TIERS = [(str(tier), f"T{tier}") for tier in range(5)]


class WordFacet(Facet):
    """A filter on a column that holds a list of words: rows with one of the chosen words."""

    def question(self, values: list[str]) -> Q | None:
        known = {str(value) for value, _ in self.choices}
        asked = [Q(**{f"{self.lookup}__icontains": f'"{value}"'}) for value in values if value in known]
        return reduce(or_, asked) if asked else None


class PhiFacet(Facet):
    """Yes or no: does it carry protected health information?"""

    def question(self, values: list[str]) -> Q | None:
        return {"yes": Q(carries_phi=True), "no": Q(carries_phi=False)}.get(values[-1])


INTERFACE_FACETS = (
    Facet("domain", "Domain", DomainKey.choices, "provider__domain__key"),
    Facet("tier", "Tier", TIERS),
    WordFacet("pattern", "Pattern", PATTERN_CHOICES, "patterns"),
    PhiFacet("phi", "PHI", [("yes", "Carries PHI"), ("no", "No PHI")]),
    Facet("state", "State", INTERFACE.choices),
)
INTERFACE_SORTS = {
    "key": "key", "name": "name", "domain": ("provider__domain__key", "key"), "tier": ("tier", "key"),
    "state": ("state", "key"), "changed": "updated_at",
}  # fmt: skip
INTERFACE_COLUMNS = (
    "key", "name", "state", "tier", "domain", "provider", "source", "target", "interaction", "standard", "patterns",
    "data_classes", "owners", "consumers", "changed",
)  # fmt: skip
SYSTEM_FACETS = (
    Facet("domain", "Domain", DomainKey.choices, "domain__key"),
    Facet("kind", "Kind", SystemKind.choices),
    Facet("hosting", "Hosting", Hosting.choices),
    Facet("tier", "Tier", TIERS),
)
SYSTEM_SORTS = {
    "name": "name", "domain": ("domain__key", "name"), "kind": ("kind", "name"), "tier": ("tier", "name"),
}  # fmt: skip
SYSTEM_COLUMNS = ("key", "name", "domain", "kind", "vendor", "product", "tier", "hosting", "speaks", "owner")


@login_required
@require_safe
def interfaces(request: HttpRequest) -> HttpResponseBase:
    """The register: every interface that the reader may see."""
    page = page_of(
        register_of(request.user), request, sorts=INTERFACE_SORTS, default="key", facets=INTERFACE_FACETS,
        search=InterfaceQuerySet.named,
    )  # fmt: skip
    if request.GET.get("format") == "csv":
        return csv_response("interfaces.csv", INTERFACE_COLUMNS, interface_lines(page.queryset))
    for one in page.rows:
        one.pattern_names = pattern_names(one.patterns)
        one.owner_names = list(dict.fromkeys(str(owner.owner) for owner in one.current_owners))
    context = {"page": page, "may_request": proposing_domains(request.user).exists()}
    return render_page(request, "catalog/interfaces.html", context=context)


def interface_lines(rows: QuerySet[Interface]) -> Iterator[list[Any]]:
    for one in rows.iterator(chunk_size=500):
        yield [
            one.key, one.name, one.state, one.tier, one.provider.domain.key, one.provider.name, one.source.name,
            one.target.name, one.interaction, one.msg_standard, " ".join(one.patterns), " ".join(one.data_classes),
            "; ".join(str(owner) for owner in one.current_owners), len(one.open_subscriptions), one.updated_at,
        ]  # fmt: skip


@login_required
@require_safe
def systems(request: HttpRequest) -> HttpResponseBase:
    """The applications of the estate and of its partners."""
    page = page_of(
        systems_of(request.user), request, sorts=SYSTEM_SORTS, default="name", facets=SYSTEM_FACETS,
        search=("key", "name", "vendor", "product"),
    )  # fmt: skip
    if request.GET.get("format") == "csv":
        return csv_response("systems.csv", SYSTEM_COLUMNS, system_lines(page.queryset))
    may_register = proposing_domains(request.user).exists()
    return render_page(request, "catalog/systems.html", context={"page": page, "may_register": may_register})


def system_lines(rows: QuerySet[System]) -> Iterator[list[Any]]:
    for one in rows.iterator(chunk_size=500):
        yield [
            one.key, one.name, one.domain.key, one.kind, one.vendor, one.product, one.tier, one.hosting,
            " ".join(one.speaks), one.owner_team or "",
        ]  # fmt: skip
