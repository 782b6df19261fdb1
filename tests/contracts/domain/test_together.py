"""Many lines in one reading: it says yes only where each line by itself would be valid."""

import orjson
import pytest

from contracts.domain.together import all_keep, some_too_deep
from contracts.formats.json_schema import documents
from contracts.formats.json_schema.validation import fast_list_validator

FLAT = [b'{"a":%d}\n' % number for number in range(100)]


def anything(payloads):
    return True


def test_all_lines_are_read_and_each_is_a_payload():
    seen = []
    assert all_keep(FLAT, lambda payloads: seen.extend(payloads) or True, max_depth=64)
    assert seen == [orjson.loads(line) for line in FLAT]


@pytest.mark.parametrize(
    "lines",
    [
        [b"1,2\n", b'{"a":1\n', b'"b":2}\n'],  # as many texts as lines, yet none of the lines is one
        [b"1,2\n", b"[1\n", b"2]\n"],
        [b"1],[2\n", b"3\n"],
        [b"{}\n", b" \n", b"{}\n"],
        [b"{}\n", b"{} {}\n"],
        [b"{}\n", b"{},\n"],
        [b"1,5,1\n", b"2\n"],
        [b'{"a":"\xff"}\n', b"{}\n"],
    ],
)
def test_lines_that_only_together_make_sense_are_not_taken(lines):
    assert all_keep(lines, anything, max_depth=64) is False


def test_what_could_be_too_deep_is_not_decoded():
    deep = b"[" * 65 + b"]" * 65 + b"\n"
    wide = b'[{"a":1},{"a":2}]\n'
    for lines in ([deep], [*FLAT, deep], [deep, *[b"1\n"] * 100], [b"1\n"] * 100 + [deep]):
        assert all_keep(lines, lambda payloads: pytest.fail("decoded"), max_depth=64) is False
        assert some_too_deep(lines, max_depth=64)
    assert all_keep([b"[" * 64 + b"]" * 64 + b"\n", *FLAT], anything, max_depth=64)
    assert not some_too_deep([wide] * 100, max_depth=64)


def test_one_refused_payload_refuses_the_reading():
    document = documents.from_content({"type": "object", "properties": {"a": {"type": "integer"}}})
    judge = fast_list_validator(document).is_valid
    assert all_keep(FLAT, judge, max_depth=64)
    assert not all_keep([*FLAT, b'{"a":"x"}\n'], judge, max_depth=64)


def test_a_document_with_references_is_never_put_inside_another():
    content = {"$defs": {"a": {"type": "integer"}}, "properties": {"a": {"$ref": "#/$defs/a"}}}
    assert fast_list_validator(documents.from_content(content)) is None
