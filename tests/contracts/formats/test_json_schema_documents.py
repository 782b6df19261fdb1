"""What is accepted as a JSON Schema contract, and how the rest is refused."""

import json
import time

import pytest

from contracts.formats.json_schema import JSON_SCHEMA
from governance.kernel.errors import DomainError

from .documents import DRAFT, DRAFT4, DRAFT7, document


def refusal(schema):
    data = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    with pytest.raises(DomainError) as caught:
        JSON_SCHEMA.parse(data)
    return caught.value


def nested(depth):
    return b'{"not":' * depth + b"true" + b"}" * depth


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        (b" " * 50_000_000, "BODY_TOO_LARGE"),
        (b"[" * 200_000, "TOO_DEEP"),
        (nested(65), "TOO_DEEP"),
        ({"enum": list(range(100_001))}, "TOO_MANY_VALUES"),
        (b'{"type": "object", "type": "string"}', "DUPLICATE_KEY"),
        (b'{"type": ', "MALFORMED_JSON"),
        (b'{"const": "\\ud800"}', "MALFORMED_JSON"),
        (b"[]", "INVALID_SCHEMA"),
        ({"type": "text"}, "INVALID_SCHEMA"),
        ({"$schema": "http://example.com/mine"}, "UNKNOWN_DIALECT"),
        ({"$schema": 5}, "UNKNOWN_DIALECT"),
        ({"$ref": "http://127.0.0.1:1/schema.json"}, "REF_NOT_BUNDLED"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "REF_NOT_BUNDLED"),
        ({"$ref": "ftp://example.com/a"}, "REF_NOT_BUNDLED"),
        ({"$ref": "other.json"}, "REF_NOT_BUNDLED"),
        ({"$ref": "#/$defs/missing"}, "REF_DANGLING"),
        ({"$ref": "#missing"}, "REF_DANGLING"),
        ({"$ref": "#"}, "REF_LOOP"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}}}, "REF_LOOP"),
        ({"pattern": "(?=a)b"}, "PATTERN_NOT_LINEAR"),
        ({"pattern": "(a)\\1"}, "PATTERN_NOT_LINEAR"),
        ({"patternProperties": {"(": {}}}, "PATTERN_NOT_LINEAR"),
    ],
)
def test_a_bad_document_is_a_named_refusal(schema, code):
    began = time.monotonic()
    assert refusal(schema).code == code
    assert time.monotonic() - began < 2


def test_a_schema_error_names_its_place():
    error = refusal({"properties": {"a/b": {"minLength": -1}}})
    assert (error.code, list(error.errors)) == ("INVALID_SCHEMA", ["/properties/a~1b/minLength"])


def test_branches_that_multiply_are_refused():
    defs = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 4} for n in range(20)}
    assert refusal({"$defs": {**defs, "d20": {}}, "$ref": "#/$defs/d0"}).code == "TOO_MANY_BRANCHES"


def test_a_long_chain_of_references_is_refused():
    defs = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(2000)}
    assert refusal({"$defs": {**defs, "d2000": {}}, "$ref": "#/$defs/d0"}).code == "REF_CHAIN_TOO_LONG"


@pytest.mark.parametrize(
    ("schema", "dialect"),
    [
        ({"$schema": DRAFT4, "minimum": 1, "exclusiveMinimum": True}, "draft-04"),
        ({"$schema": "http://json-schema.org/draft-06/schema"}, "draft-06"),
        ({"$schema": DRAFT7}, "draft-07"),
        ({"$schema": "https://json-schema.org/draft/2019-09/schema"}, "2019-09"),
        ({"$schema": DRAFT}, "2020-12"),
        ({"type": "string"}, "2020-12"),
        ({"items": [{"type": "string"}]}, "draft-07"),
        ({"definitions": {"a": {}}}, "draft-07"),
        ({"minimum": 1, "exclusiveMinimum": True}, "draft-04"),
    ],
)
def test_the_draft_is_found(schema, dialect):
    assert JSON_SCHEMA.parse(json.dumps(schema).encode()).dialect == dialect


def test_equal_content_has_one_canonical_form():
    one = JSON_SCHEMA.parse(b'{"minimum": 1.0, "type": "number", "title": "\\u00e9"}')
    other = JSON_SCHEMA.parse('{"title":"é","type":"number","minimum":1}'.encode())
    assert (one.canonical, one.sha256) == (other.canonical, other.sha256)
    assert one.canonical == '{"minimum":1,"title":"é","type":"number"}'.encode()
    assert document({"const": 10**40}).sha256 != document({"const": 10**40 + 1}).sha256


def test_what_is_bundled_and_what_recurses_is_accepted():
    bundled = {"$ref": "http://example.com/a", "$defs": {"a": {"$id": "http://example.com/a", "type": "string"}}}
    assert JSON_SCHEMA.validate(document(bundled), "x").valid
    assert not JSON_SCHEMA.validate(document(bundled), 1).valid
    tree = document({"type": "object", "properties": {"child": {"$ref": "#"}}, "required": ["name"]})
    assert JSON_SCHEMA.validate(tree, {"name": 1, "child": {"name": 2}}).valid
    assert not JSON_SCHEMA.validate(tree, {"name": 1, "child": {}}).valid


def test_errors_name_place_and_rule_and_never_the_value():
    schema = {
        "properties": {"mrn": {"pattern": "^M"}, "age": {"type": "integer", "maximum": 5}, "kind": {"enum": ["A"]}},
        "required": ["id"],
        "additionalProperties": False,
    }
    payload = {"mrn": "SECRET-1", "age": "SECRET-2", "kind": "SECRET-3", "extra": "SECRET-4"}
    result = JSON_SCHEMA.validate(document(schema), payload)
    assert {(error.pointer, error.keyword) for error in result.errors} == {
        ("/mrn", "pattern"), ("/age", "type"), ("/kind", "enum"), ("", "required"), ("", "additionalProperties"),
    }  # fmt: skip
    assert not any("SECRET" in error.message for error in result.errors)
    assert 'lacks the property "id"' in " ".join(error.message for error in result.errors)


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": "^(a+)+$"},
        {"patternProperties": {"^(a+)+$": False}, "additionalProperties": False},
        {"patternProperties": {"^(a+)+$": True}, "unevaluatedProperties": False},
    ],
)
def test_a_hostile_pattern_cannot_hang_either_validator(schema):
    text = "a" * 5000 + "!"
    payload = text if "pattern" in schema else {text: 1}
    began = time.monotonic()
    assert not JSON_SCHEMA.validate(document(schema), payload).valid
    assert time.monotonic() - began < 2


def test_a_deep_payload_is_judged_and_not_a_crash():
    payload: object = 1
    for _ in range(200):
        payload = [payload]
    recursive = document({"type": "array", "items": {"$ref": "#"}})
    assert JSON_SCHEMA.validate(recursive, payload).errors
