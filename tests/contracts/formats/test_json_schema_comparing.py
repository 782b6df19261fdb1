"""Whether one schema may follow another: proven, shown by a payload, or honestly unknown."""

import json
import time
from pathlib import Path

import pytest

from contracts.formats.base import Direction, Level, Mode, Verdict
from contracts.formats.json_schema import JSON_SCHEMA
from contracts.formats.registry import compare_versions
from governance.kernel.findings import Severity

from .documents import DRAFT4, DRAFT7, compared, document

STORIES = Path(__file__).parents[3] / "demo" / "stories"
OBJECT = {"type": "object"}
A_STRING = {"properties": {"a": {"type": "string"}}}
CLOSED = {"additionalProperties": False}
TREE = {"type": "object", "properties": {"c": {"$ref": "#"}}}


@pytest.mark.parametrize(
    ("wide", "narrow", "rule", "draft"),
    [
        ({"type": "number"}, {"type": "integer"}, "type.changed", None),
        ({"type": ["string", "null"]}, {"type": "string"}, "type.changed", None),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, "enum.changed", None),
        ({"enum": [1, 2]}, {"const": 1.0}, "const.added", None),
        ({"minimum": 1}, {"minimum": 2}, "minimum.changed", None),
        ({"minimum": 1}, {"exclusiveMinimum": 1}, "minimum.changed", None),
        ({"minimum": 1}, {"minimum": 1, "exclusiveMinimum": True}, "minimum.changed", DRAFT4),
        ({"multipleOf": 0.5}, {"multipleOf": 1.5}, "multipleOf.changed", None),
        ({"maxLength": 5}, {"maxLength": 4}, "maxLength.changed", None),
        ({"pattern": "^a"}, {"pattern": "^ab?c"}, "pattern.changed", None),
        ({}, {"pattern": "^a"}, "pattern.added", None),
        (A_STRING, {**A_STRING, **CLOSED}, "additionalProperties.changed", None),
        ({}, A_STRING, "property.added", None),
        ({}, {"required": ["a"]}, "required.added", None),
        ({}, {"dependentRequired": {"a": ["b"]}}, "dependentRequired.added", None),
        ({}, {"dependencies": {"a": {"required": ["b"]}}}, "dependencies.added", DRAFT7),
        ({}, {"dependentSchemas": {"a": {"maxProperties": 1}}}, "dependentSchemas.added", None),
        ({"maxProperties": 3}, {"maxProperties": 2}, "maxProperties.changed", None),
        ({}, {"propertyNames": {"maxLength": 3}}, "propertyNames.added", None),
        ({"patternProperties": {"^x": {}}}, {"patternProperties": {"^x": {"type": "null"}}}, "schema", None),
        ({"items": {"type": "number"}}, {"items": {"type": "integer"}}, "type.changed", None),
        ({"prefixItems": [{}]}, {"prefixItems": [{"type": "null"}]}, "type.added", None),
        ({"items": [{}]}, {"items": [{}], "additionalItems": False}, "items.changed", DRAFT7),
        ({}, {"contains": {"type": "null"}}, "contains.added", None),
        ({"contains": {}, "maxContains": 3}, {"contains": {}, "maxContains": 2}, "contains.changed", None),
        ({}, {"uniqueItems": True}, "uniqueItems.added", None),
        ({"minItems": 1}, {"minItems": 2}, "minItems.changed", None),
        ({}, {"allOf": [{"minimum": 1}]}, "allOf.added", None),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, {"type": "string"}, "type.added", None),
        ({"anyOf": [{"minimum": 5}, {"maximum": 7}]}, {"oneOf": [{"minimum": 5}, {"maximum": 7}]}, "oneOf.added",
         None),
        ({}, {"not": {"const": 1}}, "not.added", None),
        ({}, {"if": {"type": "number"}, "then": {"minimum": 1}}, "if.added", None),
        ({}, {"$ref": "#/$defs/a", "$defs": {"a": {"maxLength": 1}}}, "$ref.added", None),
        (A_STRING, {**A_STRING, "unevaluatedProperties": False}, "unevaluatedProperties.added", None),
        ({"prefixItems": [{}]}, {"prefixItems": [{}], "unevaluatedItems": False}, "unevaluatedItems.added", None),
        (TREE, {**TREE, "maxProperties": 1, "properties": {**TREE["properties"], "n": {"type": "null"}}},
         "property.added", None),
    ],
)  # fmt: skip
def test_each_keyword_narrowed_breaks_and_widened_passes(wide, narrow, rule, draft):
    options = {"draft": draft} if draft else {}
    breaking = compared(wide, narrow, **options)
    assert (breaking.verdict, breaking.level) == (Verdict.BREAKING, Level.MAJOR)
    payload = breaking.counterexample.payload
    old, new = (document(each, **options) for each in (wide, narrow))
    assert JSON_SCHEMA.validate(old, payload).valid
    assert not JSON_SCHEMA.validate(new, payload).valid
    assert compared(narrow, wide, **options).verdict is Verdict.COMPATIBLE
    assert compared(narrow, wide, **options, direction="forward").verdict is Verdict.BREAKING
    errors = {change.rule for change in breaking.changes if change.severity is Severity.ERROR}
    assert rule in errors or rule == "schema"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "integer"}, {"type": "number", "multipleOf": 1}),
        ({"type": ["string", "null"]}, {"anyOf": [{"type": "null"}, {"type": "string"}]}),
        ({"enum": ["a"]}, {"type": "string", "pattern": "^a$", "maxLength": 1}),
        ({"minimum": 3, "type": "integer"}, {"exclusiveMinimum": 2, "type": "integer"}),
        ({"type": "boolean"}, {"enum": [True, False]}),
        ({"pattern": "^(ab){1,3}$"}, {"pattern": "^(ab)+$", "maxLength": 6}),
        ({"allOf": [{"minimum": 1}, {"maximum": 3}]}, {"minimum": 1, "maximum": 3}),
        ({"oneOf": [{"type": "null"}, {"const": 1}]}, {"enum": [1.0, None]}),
        ({"type": "array", "maxItems": 0}, {"const": []}),
        ({"type": "array", "uniqueItems": True, "items": {"type": "boolean"}}, {"maxItems": 2}),
    ],
)  # fmt: skip
def test_other_words_for_the_same_are_compatible(old, new):
    assert compared(old, new).verdict is Verdict.COMPATIBLE


def test_recursive_schemas_are_compared_to_the_end():
    old = {"type": "object", "properties": {"next": {"$ref": "#"}, "v": {"type": "integer"}}, **CLOSED}
    new = {"type": "object", "properties": {"next": {"$ref": "#"}, "v": {"type": "number"}}, **CLOSED}
    assert compared(old, new).verdict is Verdict.COMPATIBLE
    assert compared(new, old).verdict is Verdict.BREAKING


def test_a_discriminated_union_may_get_a_branch_and_may_not_lose_one():
    def branch(kind):
        return {"properties": {"kind": {"const": kind}, kind: {"type": "string"}}, "required": ["kind", kind], **OBJECT}

    twelve = {"oneOf": [branch(f"k{n}") for n in range(12)]}
    thirteen = {"oneOf": [branch(f"k{n}") for n in range(13)]}
    assert compared(twelve, thirteen).verdict is Verdict.COMPATIBLE
    assert compared(thirteen, twelve).verdict is Verdict.BREAKING


def test_what_is_not_analysed_is_unknown_and_named():
    several = {"$defs": {"a": {"$dynamicAnchor": "n"}, "b": {"$dynamicAnchor": "n"}}, "$dynamicRef": "#n"}
    found = compared({"type": "string"}, several)
    assert (found.verdict, found.level) == (Verdict.UNKNOWN, Level.UNKNOWN)
    assert [(each.keyword, each.pointer) for each in found.unsupported] == [("$dynamicRef", "/$dynamicRef")]
    assert compared(several, several).verdict is Verdict.COMPATIBLE


def test_the_budget_ends_the_search():
    names = [f"p{n}" for n in range(40)]
    hard = {"oneOf": [{"required": [a, b]} for a in names for b in names if a < b][:150]}
    began = time.monotonic()
    found = compared({**hard, "maxProperties": 30}, {"oneOf": hard["oneOf"][::-1], "maxProperties": 29},
                     budget_seconds=0.2)  # fmt: skip
    assert found.verdict in (Verdict.UNKNOWN, Verdict.BREAKING)
    assert found.verdict is Verdict.BREAKING or found.reason == "BUDGET"
    assert time.monotonic() - began < 60, "without a budget this search does not end"


def test_formats_and_line_breaks_are_warnings_with_an_example():
    formats = compared({"type": "string", "format": "date"}, {"type": "string", "format": "date-time"})
    assert (formats.verdict, formats.reason, formats.level) == (Verdict.WARNING, "FORMATS", Level.MINOR)
    lines = compared({"type": "string", "minLength": 1}, {"type": "string", "pattern": ".+"})
    assert (lines.verdict, lines.reason, lines.counterexample.payload) == (Verdict.WARNING, "LINE_BREAKS", "\n")
    asserted = compared({"type": "string"}, {"type": "string", "format": "date-time"}, DRAFT7)
    assert asserted.verdict is Verdict.BREAKING


def test_levels_follow_content():
    base = {"type": "object", "properties": {"a": {"title": "A"}}, **CLOSED}
    assert compared(base, base).level is Level.NONE
    assert compared(base, {**base, "properties": {"a": {"title": "B"}}, "$comment": "c"}).level is Level.PATCH
    assert compared(base, {**base, "properties": {"a": {}, "b": {}}}).level is Level.MINOR
    assert compared(base, {**base, "properties": {"b": {}}}).level is Level.MAJOR


def test_fingerprints_are_stable_and_tell_changes_apart():
    first = compared({}, {"required": ["a", "b"]}).changes
    again = compared({"title": "x"}, {"title": "x", "required": ["a", "b"]}).changes
    assert [change.fingerprint for change in first] == [change.fingerprint for change in again]
    assert len({change.fingerprint for change in first}) == 2
    assert {len(change.fingerprint) for change in first} == {16}


def story(name):
    return JSON_SCHEMA.parse((STORIES / f"implant_used_{name}.json").read_bytes())


def test_story_gtin_instead_of_item_number_is_major():
    report = compare_versions("json_schema", story("1_5_0_candidate"), [("1.4.0", story("1_4_0"))], Mode.BACKWARD)
    assert (report.verdict, report.level, report.passes) == (Verdict.BREAKING, Level.MAJOR, False)
    found = [(each.rule, each.direction, each.pointer_old, each.pointer_new) for each in report.changes
             if each.severity is Severity.ERROR]  # fmt: skip
    assert found == [
        ("property.removed", Direction.TIGHTENS, "/properties/itemNumber", None),
        ("required.added", Direction.TIGHTENS, None, "/required"),
    ]
    assert JSON_SCHEMA.validate(story("1_4_0"), report.counterexample.payload).valid
    assert json.dumps(report.as_dict()) == json.dumps(report.as_dict())


def test_story_compatible_followers():
    for name, level in (("1_4_1", Level.PATCH), ("1_5_0_ok", Level.MINOR)):
        report = compare_versions("json_schema", story(name), [("1.4.0", story("1_4_0"))], Mode.BACKWARD)
        assert (report.verdict, report.level) == (Verdict.COMPATIBLE, level)
