"""Every list of the API costs the same number of queries with one row and with three."""

import pytest

from tests.factories.showcase import everywhere_member, shown, shown_beside

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
LISTS = [
    ("/api/v1/interfaces/", 11),
    ("/api/v1/systems/", 5),
    ("/api/v1/findings/", 4),
    ("/api/v1/facilities/", 3),
    ("/api/v1/processes/", 6),
    ("/api/v1/products/", 5),
    ("/api/v1/contracts/", 4),
    ("/api/v1/changes/", 8),
    ("/api/v1/inbox/", 15),
    ("/api/v1/inbox/?tab=waiting", 10),
    ("/api/v1/inbox/counts/", 11),
    ("/api/v1/calendar/", 4),
    ("/api/v1/meetings/", 4),
    ("/api/v1/probes/", 4),
    ("/api/v1/kpis/", 13),
    ("/api/v1/tables/", 3),
    ("/api/v1/jobs/", 4),
    ("/api/v1/teams/", 4),
    ("/api/v1/notices/", 3),
    ("/api/v1/audit/", 4),
]


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_for_one_row_and_three(cast, api, django_assert_num_queries, rows):
    reader = everywhere_member(cast)
    for number in range(1, rows + 1):
        shown(cast, number)
        shown_beside(cast, reader, number)
    client = api(reader)
    for address, queries in LISTS:
        client.get(address)
        with django_assert_num_queries(queries, info=address):
            assert client.get(address).status_code == 200, address
