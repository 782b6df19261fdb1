"""JSON from outside is bounded before it is decoded, and refused with a code and a place."""

import time

import pytest

from contracts.formats.strict import parse_strictly
from governance.kernel.bounded import line_batches, numbered_lines, parse_json
from governance.kernel.errors import DomainError, Malformed, TooLarge


def refusal(data, parse=parse_json):
    with pytest.raises(DomainError) as caught:
        parse(data, max_bytes=2_000_000)
    return caught.value


@pytest.mark.parametrize("parse", [parse_json, parse_strictly])
@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (b"[" * 200_000, TooLarge, "TOO_DEEP"),
        (b'{"a":' * 200_000, TooLarge, "TOO_DEEP"),
        (b" " * 2_000_001, TooLarge, "BODY_TOO_LARGE"),
        (b'{"a" 1}', Malformed, "MALFORMED_JSON"),
        (b"\xff", Malformed, "MALFORMED_JSON"),
        (b"", Malformed, "MALFORMED_JSON"),
        (b"NaN", Malformed, "MALFORMED_JSON"),
        (b"[Infinity]", Malformed, "MALFORMED_JSON"),
        (b'"' + b'\\"' * 500_000, Malformed, "MALFORMED_JSON"),
    ],
)
def test_hostile_text_is_a_named_refusal(data, kind, code, parse):
    began = time.monotonic()
    error = refusal(data, parse)
    assert (type(error), error.code) == (kind, code)
    assert time.monotonic() - began < 2


def test_depth_counts_brackets_outside_of_texts_only():
    assert parse_json(b'{"a":"' + b"[" * 300 + b'"}', max_bytes=1000) == {"a": "[" * 300}
    assert parse_json(b"[" + b"[]," * 300 + b"[]]", max_bytes=2000) == [[]] * 301
    assert refusal(b"[" * 65 + b"]" * 65).code == "TOO_DEEP"


def test_malformed_names_line_and_column_and_never_the_text():
    error = refusal(b'{"mrn": "12345",\n "name" "Doe"}')
    assert error.details == {"line": 2, "column": 9}
    assert "Doe" not in error.message
    assert "name" not in error.message


def answers(chunks, *, max_line, max_lines=100):
    return [
        (number, line.code if isinstance(line, DomainError) else line)
        for first, lines in line_batches(chunks, max_line=max_line)
        for number, line in numbered_lines(first, lines, max_line=max_line, max_lines=max_lines)
    ]


def test_lines_are_found_across_chunks_and_blank_lines_are_counted_but_not_given():
    chunks = [b"1\n\n", b'{"a"', b":2}\r\n", b"  \n3"]
    assert answers(chunks, max_line=10, max_lines=9) == [(1, b"1"), (3, b'{"a":2}'), (5, b"3")]


def test_a_line_over_the_bound_is_refused_in_its_place():
    chunks = [b"aa\n", b"b" * 6, b"b" * 6, b"\ncc\n", b"d" * 9]
    expected = [(1, b"aa"), (2, "LINE_TOO_LARGE"), (3, b"cc"), (4, "LINE_TOO_LARGE")]
    assert answers(chunks, max_line=5, max_lines=9) == expected


def test_batches_keep_line_ends_and_numbers_across_chunks():
    chunks = [b"1\n2", b"", b"2\n\n", b"x" * 9, b"x\n4\n", b"5"]
    expected = [(1, [b"1\n"]), (2, [b"22\n", b"\n"]), (4, [None, b"4\n"]), (6, [b"5\n"])]
    assert list(line_batches(chunks, max_line=5)) == expected


def test_a_line_too_many_ends_its_batch():
    assert answers([b"1\n" * 10**6], max_line=5, max_lines=2) == [(1, b"1"), (2, b"1"), (3, "TOO_MANY_LINES")]
