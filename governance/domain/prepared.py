"""Questions that every request asks: their SQL is made once, then only their values change.

Making the SQL of a question with joins costs many times what the database needs to answer it. The question itself stays
an ordinary queryset, so that rules and models speak in one place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
PLACE = re.compile("(?<!%)%s")
Converters = Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]


@dataclass(frozen=True, slots=True)
class Made:
    """The SQL for one kind of database, how each of its parameters is filled, and how its columns are read."""

    sql: str
    fill: Mapping[str, Callable[[dict[str, Any]], Any]]
    converters: Converters


class Prepared:
    """One question. ``make`` gets a stand-in for every name and returns a ``values_list``; it must not branch on them.

    ``kinds`` says what each name is: ``str`` or ``UUID``. What else ``make`` looks up must be the same for the life
    of the process.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]], **kinds: type[str] | type[UUID]) -> None:
        self.make = make
        self.kinds = kinds
        self.made: dict[str, Made] = {}

    def first(self, **values: Any) -> list[Any] | None:
        """The first row's columns as the ORM would read them, or None."""
        connection = connections[DEFAULT_DB_ALIAS]
        made = self.made.get(connection.vendor) or self.prepare(connection)
        with connection.cursor() as cursor:
            cursor.execute(made.sql, {name: filled(values) for name, filled in made.fill.items()})
            row = cursor.fetchone()
        if row is None:
            return None
        columns = list(row)
        for position, converters, expression in made.converters:
            for convert in converters:
                columns[position] = convert(columns[position], expression, connection)
        return columns

    def prepare(self, connection: Any) -> Made:
        stand_ins = {name: uuid4() if kind is UUID else f"<{name} {uuid4()}>" for name, kind in self.kinds.items()}
        compiler = self.make(**stand_ins).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        found = compiler.get_converters([expression for expression, _, _ in compiler.select])
        converters = [(position, *how) for position, how in found.items()]
        fill = {f"p{position}": filler(param, stand_ins) for position, param in enumerate(params)}
        names = iter(fill)  # by name: SQLite's door would look for the places of nameless ones each time
        made = Made(PLACE.sub(lambda _: f"%({next(names)})s", sql), fill, converters)
        self.made[connection.vendor] = made
        return made


def filler(param: Any, stand_ins: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    """How a parameter is had from the values: by name, as 32 digits where the database has no UUIDs, or as it is."""
    for name, stand_in in stand_ins.items():
        if param == stand_in:
            return lambda values: values[name]
        if isinstance(stand_in, UUID) and param == stand_in.hex:
            return lambda values: values[name].hex
    return lambda values: param


def columns_of(model: type[Model], path: str = "") -> list[str]:
    """The names under which a ``values_list`` gives all of a record's columns."""
    return [path + field.attname for field in model._meta.concrete_fields]


def record_from(model: type[M], columns: Sequence[Any]) -> M:
    """The record whose columns, in that order, were read."""
    return model.from_db(DEFAULT_DB_ALIAS, columns_of(model), columns)
