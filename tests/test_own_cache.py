"""The tests' own cache is the product's, and what one test kept the next does not find."""

import pytest
from django.core.cache import cache, caches

from tests.own_cache import start_empty


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_starts_with_an_empty_cache_and_clears_nobody_elses(turn):
    assert cache.get("kept") is None
    cache.set("kept", turn)
    assert (cache.get("kept"), caches["default"].get("kept")) == (turn, turn)
    start_empty()
    assert cache.get("kept") is None
