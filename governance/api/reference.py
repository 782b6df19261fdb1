"""The committed OpenAPI document as people read it: operations by area, their fields in words, and an example each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

COMMITTED = Path("docs") / "openapi.yaml"
#: Both are safe; the one in C reads the document ten times as fast.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: The document's tags as the navigation calls them, in the order of the navigation.
AREAS = {
    "catalog": "Register",
    "contracts": "Contracts",
    "approvals": "Changes, calendar and gate",
    "observability": "Health and scorecard",
    "governance": "People, decision tables and audit",
}
JSON = "application/json"
DEEPEST = 4
#: The list of choices that the generator adds to a description; the choices are shown beside it anyway.
CHOICES = re.compile(r"\s*^\* `.*", re.MULTILINE | re.DOTALL)
SUCH_AS = re.compile(r"[Ss]uch as ([\w@.-]*\w)")
FORMATS = {
    "date-time": ("date and time", "2026-01-31T08:00:00Z"),
    "date": ("date", "2026-01-31"),
    "uuid": ("UUID", "00000000-0000-4000-8000-000000000000"),
    "email": ("e-mail address", "someone@example.org"),
    "uri": ("address", "https://example.org/"),
}
WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
SAMPLES = {"string": "text", "integer": 1, "number": 1.0, "boolean": True}


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a body, by its path from the top (``items[].operation``), or one parameter."""

    name: str
    kind: str
    required: bool
    note: str
    choices: tuple[str, ...] = ()
    place: str = ""

    @property
    def sample(self) -> str:
        """The value that its description gives as an example, or its name in capitals."""
        given = SUCH_AS.search(self.note)
        return given[1] if given else next(iter(self.choices), self.name.upper())


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent or answered: its media type, its members, and what it looks like."""

    media: str
    title: str
    fields: tuple[Field, ...]
    example: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a program can ask, with everything it must send and may hear."""

    id: str
    method: str
    path: str
    area: str
    title: str
    note: str
    parameters: tuple[Field, ...]
    body: Body | None
    answers: tuple[Body, ...]
    refusals: tuple[tuple[str, str], ...]

    @property
    def curl(self) -> str:
        """The same question from a shell; what stands in capitals in the address is to be replaced."""
        samples = {one.name: one.sample for one in self.parameters}
        path = re.sub(r"\{(\w+)\}", lambda named: samples.get(named[1], named[1].upper()), self.path)
        asked = "&".join(f"{one.name}={one.sample}" for one in self.parameters if one.place == "query" and one.required)
        address = f"$INTERLOCK_URL{path}?{asked}".rstrip("?")
        lines = [f'curl "{address}"', '-H "Authorization: Bearer $INTERLOCK_TOKEN"']
        if self.method != "GET":
            lines.insert(1, f"-X {self.method}")
        lines += [f'-H "{one.name}: {header_sample(one.name)}"' for one in self.parameters if one.place == "header"]
        if self.body:
            data = f"--data '{self.body.example}'" if self.body.example else "--data-binary @lines.ndjson"
            lines += [f'-H "Content-Type: {self.body.media}"', data]
        return " \\\n  ".join(lines)


def header_sample(name: str) -> str:
    return '\\"ETAG\\"' if name == "If-Match" else "$(uuidgen)"


@cache
def document() -> dict[str, Any]:
    """The committed document; made from the code while there is none."""
    committed = settings.BASE_DIR / COMMITTED
    if committed.exists():
        return LOADER(committed.read_text(encoding="utf-8")).get_single_data()
    return SchemaGenerator().get_schema(public=True)


@cache
def operations() -> dict[str, Operation]:
    """Every operation by its id, in the document's order."""
    found = [
        described(path, method, said)
        for path, methods in document()["paths"].items()
        for method, said in methods.items()
    ]
    return {one.id: one for one in found}


def areas(query: str = "") -> list[tuple[str, list[Operation]]]:
    """The areas with those of their operations in which every word of ``query`` occurs."""
    sought = query.lower().split()
    fitting = [
        one
        for one in operations().values()
        if all(word in f"{one.method} {one.path} {one.title} {one.note} {one.id}".lower() for word in sought)
    ]
    labels = dict.fromkeys([*AREAS.values(), *(one.area for one in fitting)])
    grouped = [(label, [one for one in fitting if one.area == label]) for label in labels]
    return [(label, members) for label, members in grouped if members]


def described(path: str, method: str, said: dict[str, Any]) -> Operation:
    note = said.get("description", "")
    title, _, rest = (said["summary"], "", note) if "summary" in said else note.partition(". ")
    answers = {status: answer for status, answer in said["responses"].items() if status < "300"}
    return Operation(
        id=said["operationId"],
        method=method.upper(),
        path=path,
        area=AREAS.get(said["tags"][0], said["tags"][0].replace("-", " ").capitalize()),
        title=title.rstrip("."),
        note=rest,
        parameters=tuple(map(parameter, said.get("parameters", ()))),
        body=next(bodies(said["requestBody"], sent=True), None) if "requestBody" in said else None,
        answers=tuple(one for status, answer in answers.items() for one in bodies(answer, status)),
        refusals=tuple(
            (status, answer["description"]) for status, answer in said["responses"].items() if status not in answers
        ),
    )


def parameter(said: dict[str, Any]) -> Field:
    schema = resolved(said["schema"])
    required = said.get("required", False)
    kind, note, place = kind_of(schema), plain(said.get("description", "")), said["in"]
    return Field(said["name"], kind, required, note, choices_of(schema), place)


def bodies(said: dict[str, Any], status: str = "", *, sent: bool = False) -> Iterator[Body]:
    """One for each media type; an answer without a body is one too."""
    if not said.get("content"):
        yield Body("", "No body", (), "", status)
    for media, content in said.get("content", {}).items():
        schema = content.get("schema", {})
        sample = example(schema, sent=sent)
        shown = json.dumps(sample, ensure_ascii=False, indent=2) if media == JSON else ""
        yield Body(media, plain(resolved(schema).get("description", "")), tuple(members(schema)), shown, status)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself: references followed, the single real alternative taken, with what is said beside it."""
    while True:
        if "$ref" in schema:
            beside = {name: value for name, value in schema.items() if name != "$ref"}
            schema = {**document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]], **beside}
            continue
        several = schema.get("allOf") or schema.get("oneOf") or ()
        real = [one for one in several if one.get("type") != "null" and not one.get("$ref", "").endswith("/BlankEnum")]
        if not real:
            return schema
        beside = {name: value for name, value in schema.items() if name not in ("allOf", "oneOf")}
        schema = {**real[0], **beside}


def members(schema: dict[str, Any], before: str = "", depth: int = 0) -> Iterator[Field]:
    """The members of an object and of the objects in it, each by its path."""
    schema = resolved(schema)
    if schema.get("type") == "array":
        yield from members(schema["items"], f"{before}[]", depth)
        return
    for name, said in schema.get("properties", {}).items():
        one, path = resolved(said), f"{before}.{name}" if before else name
        required = name in schema.get("required", ())
        yield Field(path, kind_of(one), required, plain(one.get("description", "")), choices_of(one))
        if depth < DEEPEST:
            inner = one.get("additionalProperties")
            yield from members(one, path, depth + 1)
            if isinstance(inner, dict):
                yield from members(inner, f"{path}.NAME", depth + 1)


def kind_of(schema: dict[str, Any]) -> str:
    """``text, at most 160 characters``; ``list of one of``; ``date and time or null``."""
    schema = resolved(schema)
    types = schema.get("type", "any value")
    names = [types] if isinstance(types, str) else types
    real = next((name for name in names if name != "null"), "any value")
    said = FORMATS.get(schema.get("format", ""), (WORDS.get(real, real), None))[0]
    if real == "array":
        said = f"list of {kind_of(schema['items'])}"
    if choices_of(schema) and real != "array":
        said = "one of"
    said += bounds(schema)
    return f"{said} or null" if "null" in names or schema.get("nullable") else said


def bounds(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if high is not None and high < 2**31 and low is not None:
        return f", {low} to {high}"
    if low is not None:
        return f", at least {low}"
    for name, unit in (("maxLength", "characters"), ("maxItems", "entries")):
        if name in schema:
            return f", at most {schema[name]} {unit}"
    return ""


def choices_of(schema: dict[str, Any]) -> tuple[str, ...]:
    schema = resolved(schema)
    inner = resolved(schema.get("items", {})) if schema.get("type") == "array" else schema
    return tuple(str(value) for value in inner.get("enum", ()) if value not in (None, ""))


def example(schema: dict[str, Any], *, sent: bool, depth: int = 0) -> Any:
    """What it may look like; of what is sent only what must be there, or all where nothing must."""
    schema = resolved(schema)
    if schema.get("enum"):
        return schema["enum"][0]
    types = schema.get("type", "object")
    real = types if isinstance(types, str) else next(name for name in types if name != "null")
    if real == "array":
        return [example(schema["items"], sent=sent, depth=depth)] if depth <= DEEPEST else []
    if real != "object":
        return FORMATS.get(schema.get("format", ""), ("", schema.get("minimum", SAMPLES.get(real))))[1]
    properties = schema.get("properties", {}) if depth <= DEEPEST else {}
    must = [name for name in properties if name in schema.get("required", ())] if sent else []
    return {name: example(properties[name], sent=sent, depth=depth + 1) for name in must or properties}


def plain(text: str) -> str:
    """A description without the choices that the generator repeats in it."""
    return CHOICES.sub("", text).strip()
