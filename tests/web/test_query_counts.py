"""Every page that lists costs the same number of queries with one row and with three."""

import pytest

from tests.factories.showcase import everywhere_member, shown, shown_beside

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
LISTS = [
    ("/", 5),
    ("/register/", 14),
    ("/register/systems/", 7),
    ("/register/findings/", 6),
    ("/contracts/", 6),
    ("/changes/", 31),
    ("/changes/mine/", 31),
    ("/inbox/", 24),
    ("/inbox/waiting/", 18),
    ("/inbox/stale/", 18),
    ("/changes/meetings/", 6),
    ("/changes/calendar/?date=2026-05-28", 9),
    ("/changes/calendar/?date=2026-05-28&view=agenda", 9),
    ("/health/", 7),
    ("/health/scorecard/", 16),
    ("/health/products/", 6),
    ("/tables/", 6),
    ("/jobs/", 6),
    ("/people/", 10),
    ("/audit/", 9),
]


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_for_one_row_and_three(cast, as_user, django_assert_num_queries, rows):
    reader = everywhere_member(cast)
    for number in range(1, rows + 1):
        shown(cast, number)
        shown_beside(cast, reader, number)
    client = as_user(reader)
    for address, queries in LISTS:
        client.get(address)
        with django_assert_num_queries(queries, info=address):
            assert client.get(address).status_code == 200, address
