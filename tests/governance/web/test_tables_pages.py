"""Decision tables as pages: the list, the grid, and facts that are tried."""

import pytest


@pytest.fixture
def reader(as_user, uma, seed_tables):
    return as_user(uma)


def test_list_names_every_table_in_force(reader, seed_tables):
    html = reader.get("/tables/?state=ACTIVE").content.decode()
    assert [key for key in seed_tables if f"/tables/{key}/1.0/" not in html] == []
    assert html.count("In force</span>") == len(seed_tables)


def test_grid_shows_every_rule_with_its_reason_and_the_hash(reader, seed_tables):
    html = reader.get("/tables/pattern_verdict/").content.decode()
    table = seed_tables["pattern_verdict"]
    assert [rule.rule_id for rule in table.rules.all() if f'class="stick">{rule.rule_id}' not in html] == []
    assert table.content_hash in html
    assert "an event cannot answer a query" in html


def test_a_version_is_handed_out_as_a_file(reader):
    html = reader.get("/tables/resilience/").content.decode()
    for form in ("dmn", "json"):
        address = f"/api/v1/tables/resilience/versions/1.0/export/?as={form}"
        assert f'href="{address}" download' in html
        assert reader.get(address)["Content-Disposition"] == f'attachment; filename="resilience-1.0.{form}"'


def test_trying_facts_tells_which_rules_hold_and_why(reader):
    answer = reader.get("/tables/pattern_verdict/", {"f.interaction": "QUERY", "f.latency_s": "5"})
    html = answer.content.decode()
    assert "latency_s is 5, which is at most 5" in html
    assert [rule for rule, _ in answer.context["tried"].matched] == ["P01", "P02", "P03", "P12", "P13"]
    assert answer.context["tried"].facts == {"interaction": "QUERY", "latency_s": 5}


def test_trying_a_list_and_a_yes(reader):
    answer = reader.get("/tables/pattern_verdict/", {"f.target_speaks": "REST, FHIR", "f.phi": "yes"})
    assert answer.context["tried"].facts == {"target_speaks": ["REST", "FHIR"], "phi": True}


def test_trying_facts_of_a_wrong_kind_is_said(reader):
    html = reader.get("/tables/pattern_verdict/", {"f.latency_s": "soon"}).content.decode()
    assert "latency_s is" in html
    assert "Error" in html


def test_fragment_holds_the_trial_only(reader):
    html = reader.get(
        "/tables/pattern_verdict/", {"f.interaction": "QUERY"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "interaction is QUERY" in html
    assert "<html" not in html


def test_unknown_table_or_version_is_not_found(reader):
    assert [reader.get(path).status_code for path in ("/tables/no_such/", "/tables/approval/9.9/")] == [404, 404]
