"""A contract's document is read to the last digit, and what two readers could read differently is refused."""

import pytest

from contracts.formats.strict import parse_strictly
from governance.kernel.errors import Malformed


def test_a_large_integer_keeps_its_digits():
    assert parse_strictly(str(10**40 + 1).encode(), max_bytes=100) == 10**40 + 1


@pytest.mark.parametrize(
    ("data", "code"),
    [(b'{"a": 1, "a": 2}', "DUPLICATE_KEY"), (b"9" * 5000, "MALFORMED_JSON"), (b"1e999", "MALFORMED_JSON")],
)
def test_what_could_be_read_differently_is_refused(data, code):
    with pytest.raises(Malformed) as refused:
        parse_strictly(data, max_bytes=10_000)
    assert refused.value.code == code
