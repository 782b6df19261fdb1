"""What page doors share: a page or its fragment, a list with sorting, filters and pages, and a CSV file."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.dateparse import parse_date

PAGE_SIZE = 50
PAGE_SIZES = (25, 50, 100, 200)
CSV_ROWS = 50_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page: not a boosted link, not the restoring of history."""
    asks = request.headers.get
    return (
        asks("HX-Request") == "true"
        and asks("HX-Boosted") != "true"
        and asks("HX-History-Restore-Request") != "true"
        and asks("HX-Request-Type", "partial") != "full"
    )


def render_page(
    request: HttpRequest,
    template: str,
    fragment: str | None = None,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The whole page, or its ``fragment`` when htmx asks; both render from one ``context``."""
    name = fragment if fragment and wants_fragment(request) else template
    response = render(request, name, dict(context or {}), status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Request-Type"])
    return response


@dataclass(frozen=True)
class Facet:
    """One filter of a list: a GET parameter, what people call it, and what it asks of the rows.

    With ``choices`` it is a select (``many``: several values), without it a text box, with ``kind="date"`` a day.
    ``lookup`` is the ORM look-up, the parameter's own name when empty. A day with a look-up that ends in
    ``__lte`` or ``__lt`` means the end of that day.
    """

    name: str
    label: str
    choices: Sequence[tuple[Any, str]] = ()
    lookup: str = ""
    kind: str = "select"
    many: bool = False

    def question(self, values: list[str]) -> Q | None:
        """The filter for what the address says; None when it says nothing that can be understood."""
        lookup = self.lookup or self.name
        if self.kind == "date":
            return day_question(lookup, values[-1])
        if self.kind == "text":
            return Q(**{lookup: values[-1].strip()})
        known = {str(value) for value, _ in self.choices}
        chosen = [value for value in values if value in known]
        if not chosen:
            return None
        return Q(**{f"{lookup}__in": chosen}) if len(chosen) > 1 else Q(**{lookup: chosen[0]})


def day_question(lookup: str, value: str) -> Q | None:
    try:
        day = parse_date(value)
    except ValueError:
        return None
    if day is None:
        return None
    ends = lookup.endswith(("__lte", "__lt"))
    moment = dt.datetime.combine(day, dt.time.max if ends else dt.time.min, tzinfo=dt.UTC)
    return Q(**{lookup: moment})


@dataclass(frozen=True)
class ShownFacet:
    """A facet with what the reader has chosen."""

    facet: Facet
    values: list[str]

    @property
    def value(self) -> str:
        return self.values[-1] if self.values else ""

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        return [(str(value), label, str(value) in self.values) for value, label in self.facet.choices]


@dataclass
class ListPage:
    """One page of a filtered, sorted list; templates draw it with ``list_filters``, ``sort_header`` and ``pager``."""

    request: HttpRequest
    queryset: QuerySet[Any]
    sorts: Mapping[str, Sequence[str] | str]
    sort: str
    facets: list[ShownFacet]
    searchable: bool = False
    size: int = PAGE_SIZE
    default_sort: str = ""
    hidden: dict[str, str] = field(default_factory=dict)

    @cached_property
    def total(self) -> int:
        return self.queryset.count()

    @cached_property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @cached_property
    def number(self) -> int:
        asked = self.request.GET.get("page", "1")
        return min(max(1, int(asked)), self.pages) if asked.isdecimal() and len(asked) < 10 else 1

    @cached_property
    def rows(self) -> list[Any]:
        if self.total == 0:
            return []
        start = (self.number - 1) * self.size
        return list(self.queryset[start : start + self.size])

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)

    @property
    def query(self) -> str:
        return self.request.GET.get("q", "").strip()

    @property
    def filtered(self) -> bool:
        return bool(self.query) or any(shown.values for shown in self.facets)

    @property
    def previous_url(self) -> str:
        return self.url(page=self.number - 1) if self.number > 1 else ""

    @property
    def next_url(self) -> str:
        return self.url(page=self.number + 1) if self.number < self.pages else ""

    @property
    def csv_url(self) -> str:
        return self.url(format="csv", page=None)

    @property
    def clear_url(self) -> str:
        return self.request.path

    def url(self, **changes: Any) -> str:
        """This list's address with some parameters changed; None removes one."""
        query = self.request.GET.copy()
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = str(value)
        said = query.urlencode()
        return f"{self.request.path}?{said}" if said else self.request.path

    def sort_url(self, name: str) -> str:
        """The address that sorts by ``name``: the other way round when it is sorted so already."""
        return self.url(sort=f"-{name}" if self.sort == name else name, page=None)

    def direction(self, name: str) -> str:
        """``ascending``, ``descending`` or nothing, as aria-sort says it."""
        return {name: "ascending", f"-{name}": "descending"}.get(self.sort, "")


def page_of(
    queryset: QuerySet[Any],
    request: HttpRequest,
    *,
    sorts: Mapping[str, Sequence[str] | str],
    default: str,
    facets: Sequence[Facet] = (),
    search: Sequence[str] | Callable[[QuerySet[Any], str], QuerySet[Any]] = (),
    size: int = PAGE_SIZE,
) -> ListPage:
    """The rows that the address asks for.

    ``sorts`` maps each sort name to one field or several (nothing else can be sorted by); ``default`` is a sort
    name, with ``-`` for descending. ``search`` are the fields in which ``?q=`` is looked up, or a query of the app's
    own. What the address says that is not understood is ignored, so that an old saved view still opens.
    """
    shown = [ShownFacet(facet, [v for v in request.GET.getlist(facet.name) if v.strip()]) for facet in facets]
    for one in shown:
        question = one.facet.question(one.values) if one.values else None
        if question is not None:
            queryset = queryset.filter(question)
    query = request.GET.get("q", "").strip().replace("\x00", "")
    if callable(search) and query:
        queryset = search(queryset, query)
    elif search and query:
        queryset = queryset.filter(reduce(or_, (Q(**{f"{name}__icontains": query}) for name in search)))
    sort = request.GET.get("sort", default)
    if sort.removeprefix("-") not in sorts:
        sort = default
    asked = request.GET.get("size", "")
    size = int(asked) if asked in map(str, PAGE_SIZES) else size
    ordered = queryset.order_by(*ordering(sorts, sort), "pk")
    return ListPage(request, ordered, sorts, sort, shown, bool(search), size, default)


def ordering(sorts: Mapping[str, Sequence[str] | str], sort: str) -> list[str]:
    fields = sorts[sort.removeprefix("-")]
    names = [fields] if isinstance(fields, str) else list(fields)
    if not sort.startswith("-"):
        return names
    return [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in names]


class _Line:
    """What ``csv.writer`` writes to: it hands each line back, so that a file can stream."""

    def write(self, line: str) -> str:
        return line


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: text that starts like one is quoted with an apostrophe."""
    if value is None or isinstance(value, bool | int | float):
        return "" if value is None else value
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds")
    written = str(value)
    return f"'{written}" if written.startswith(FORMULA_STARTS) else written


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A CSV file (RFC 4180, UTF-8 with a byte order mark, at most 50,000 rows) that streams as it is read."""
    writer = csv.writer(_Line())

    def lines() -> Iterator[str]:
        yield "\ufeff" + writer.writerow(header)
        for position, row in enumerate(rows):
            if position >= CSV_ROWS:
                yield writer.writerow([f"Cut off after {CSV_ROWS} rows: filter the list to export the rest."])
                return
            yield writer.writerow([harmless(cell) for cell in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def with_query(path: str, **values: Any) -> str:
    """``path`` with its query string."""
    said = urlencode({name: value for name, value in values.items() if value not in ("", None)})
    return f"{path}?{said}" if said else path
