"""The catalog's pages: who sees which, what they say, and at how many queries."""

import pytest
from django.urls import reverse

from tests.factories import catalog as make

pytestmark = pytest.mark.django_db


def test_register_lists_what_the_reader_may_see(cast, as_user):
    make.register_stories(cast)
    listed = {
        name: set(keys_on(as_user(cast(name)).get(reverse("catalog:interfaces")))) for name in ("uma", "eve", "gus")
    }
    clinical = {"IF-SUR-001", "IF-SUR-004", "IF-SUR-007"}
    assert listed == {"uma": clinical, "eve": set(), "gus": set(make.ENDS)}


def keys_on(response):
    return [one.key for one in response.context["page"].rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("phi=yes", ["IF-SUR-001", "IF-SUR-004", "IF-SUR-007"]),
        ("pattern=EVENT", ["IF-SUR-001", "IF-SUR-003"]),
        ("pattern=EVENT&phi=no", ["IF-SUR-003"]),
        ("domain=SAAS", ["IF-ONB-001"]),
        ("tier=3&sort=-key", ["IF-SUR-006", "IF-ONB-006"]),
        ("q=implant", ["IF-SUR-003"]),
        ("state=ACTIVE", []),
    ],
)
def test_register_is_filtered_by_its_address(cast, as_user, query, expected):
    make.register_stories(cast)
    assert keys_on(as_user(cast("gus")).get(f"{reverse('catalog:interfaces')}?{query}")) == expected


def test_register_exports_what_is_filtered(cast, as_user):
    make.owned(cast, make.story_interface(cast, "IF-SUR-001"))
    answer = as_user(cast("ada")).get(f"{reverse('catalog:interfaces')}?phi=yes&format=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("key,name,state,tier,domain")
    assert [line.split(",")[0] for line in lines[1:]] == ["IF-SUR-001"]


@pytest.mark.parametrize("keys", [["IF-SUR-001"], ["IF-SUR-001", "IF-SUR-003", "IF-SUR-007"]])
@pytest.mark.parametrize(("page", "queries"), [("catalog:interfaces", 15), ("catalog:systems", 8)])
def test_lists_cost_the_same_for_one_row_and_three(cast, as_user, django_assert_num_queries, keys, page, queries):
    for key in keys:
        make.consumed(cast, make.owned(cast, make.story_interface(cast, key)), make.system(cast, "billing"))
    client = as_user(cast("ada"))
    client.get(reverse(page))
    with django_assert_num_queries(queries):
        assert client.get(reverse(page)).status_code == 200


@pytest.mark.parametrize("waiting", [1, 3])
def test_home_costs_the_same_for_one_decision_and_three(cast, as_user, seed_tables, django_assert_num_queries, waiting):
    for key in ("IF-SUR-001", "IF-SUR-003", "IF-SUR-007")[:waiting]:
        make.story_interface(cast, key)
    client = as_user(cast("jo"))
    client.get(reverse("catalog:home-fragment"))
    with django_assert_num_queries(15):
        page = client.get(reverse("catalog:home-fragment"))
    assert [one.interface.key for one in page.context["waiting"]] == ["IF-SUR-001", "IF-SUR-003", "IF-SUR-007"][
        :waiting
    ]


def test_interface_page_tells_the_whole_story(cast, as_user, seed_tables):
    interface = make.consumed(cast, make.owned(cast, make.story_interface(cast)), make.system(cast, "billing"))
    page = as_user(cast("uma")).get(reverse("catalog:interface", args=[interface.key]))
    text = page.content.decode()
    assert page.status_code == 200
    assert [owner.owner.key for _, owner, _ in page.context["owners"] if owner] == ["integration-owners"] * 3
    assert page.context["missing"] == []
    assert "Design authority" in text
    assert {event.action for event in page.context["events"]} == {
        "catalog.interface.register", "catalog.interface.assign_owner", "catalog.interface.subscribe",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["interface", "edit"])
def test_what_one_may_not_see_is_nowhere(cast, as_user, seed_tables, name):
    interface = make.story_interface(cast, "IF-SUR-003")
    assert as_user(cast("uma")).get(reverse(f"catalog:{name}", args=[interface.key])).status_code == 404


def test_address_is_shown_to_those_who_may_see_it(cast, as_user, seed_tables):
    interface = make.owned(cast, make.story_interface(cast))
    typed = {
        "endpoint-environment": "TEST", "endpoint-role": "SOURCE", "endpoint-order": "1",
        "endpoint-transport": "MLLP", "endpoint-address": "mllp://10.0.0.7:2575", "endpoint-tls": "on",
    }  # fmt: skip
    made = as_user(cast("ada")).post(reverse("catalog:add-endpoint", args=[interface.key]), typed)
    address = reverse("catalog:interface", args=[interface.key])
    assert made.status_code == 302
    seen = {name: b"10.0.0.7" in as_user(cast(name)).get(address).content for name in ("abe", "pam", "uma", "ivy")}
    assert seen == {"abe": True, "pam": True, "uma": False, "ivy": False}


def test_system_page_shows_what_leaves_and_enters_it(cast, as_user):
    make.register_stories(cast)
    page = as_user(cast("ada")).get(reverse("catalog:system", args=["erp-inventory"]))
    flows = [(title, [one.key for one in rows]) for title, rows in page.context["flows"]]
    assert flows == [
        ("Data leaves it", ["IF-SUR-006"]), ("Data enters it", ["IF-SUR-003", "IF-SUR-007"]), ("It consumes", []),
    ]  # fmt: skip


def test_search_finds_interfaces_and_systems(cast, as_user):
    make.register_stories(cast)
    page = as_user(cast("ada")).get(reverse("catalog:search-fragment"), {"q": "payroll"})
    assert [one.key for one in page.context["interfaces"]] == ["IF-ONB-004"]
    assert [one.key for one in page.context["systems"]] == ["payroll"]
