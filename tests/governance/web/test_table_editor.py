"""Editing a decision table on its page: cells, rules, gaps, cases and columns, and what is refused beside them."""

import json

import pytest

from governance.models import DecisionTable
from tests.factories import tables as make

pytestmark = pytest.mark.django_db
HOME = "/tables/routes/1.1/edit/"


@pytest.fixture
def table(cast):
    return make.draft(cast)


@pytest.fixture
def editor(as_user, cast, table):
    return as_user(cast("jo"))


def cell(client, action, rule="A2", side="when", name="kind", text="-", was='"FAST"'):
    said = {"rule": rule, "side": side, "name": name, "text": text, "was": was}
    return client.post(f"{HOME}{action}/", said, headers={"HX-Request": "true"})


def rule(table, rule_id="A2"):
    return table.rules.get(rule_id=rule_id)


def test_a_draft_begins_on_the_page_of_the_version_in_force(as_user, cast):
    make.routes_in_force(cast)
    client = as_user(cast("kai"))
    assert 'action="/tables/routes/1.0/draft/"' in client.get("/tables/routes/").content.decode()
    assert client.post("/tables/routes/1.0/draft/")["Location"] == HOME
    assert client.get(HOME).status_code == 200
    assert client.get("/tables/routes/1.0/edit/")["Location"] == "/tables/routes/1.0/"
    reader = as_user(cast("uma"))
    assert "draft/" not in reader.get("/tables/routes/").content.decode()
    assert [reader.get(HOME).status_code, reader.post("/tables/routes/1.0/draft/").status_code] == [403, 403]


def test_a_cell_is_checked_as_it_is_typed_and_says_what_is_allowed(editor, table):
    html = cell(editor, "check", text="SLOW").content.decode()
    assert "a text needs quotes" in html
    assert "&quot;FAST&quot;, &quot;SLOW&quot;, or - for anything" in html
    assert "field-error" not in cell(editor, "check", text='"SLOW"').content.decode()
    html = cell(editor, "check", side="then", name="say", text="four").content.decode()
    assert "not among" in html
    assert "Allowed: one, two, three." in html
    assert rule(table).when == {"tier": "1", "kind": '"FAST"'}


def test_a_cell_is_kept_when_it_is_left_and_a_wrong_one_is_not(editor, table):
    assert cell(editor, "cell", text="-").status_code == 200
    assert rule(table).when == {"tier": "1"}
    refused = cell(editor, "cell", text="FAST", was="-")
    assert (refused.status_code, "a text needs quotes" in refused.content.decode()) == (400, True)
    assert cell(editor, "cell", side="then", name="say", text="one", was="two").status_code == 200
    assert cell(editor, "cell", side="note", name="note", text="because", was="").status_code == 200
    assert cell(editor, "cell", side="id", name="id", text="B2", was="A2").status_code == 200
    assert (rule(table, "B2").then, rule(table, "B2").note) == ({"say": "one"}, "because")
    assert cell(editor, "cell", side="id", name="id", text="A1", rule="B2", was="B2").status_code == 400


def test_anothers_word_on_the_same_cell_is_shown_and_not_overwritten(as_user, cast, editor, table):
    assert cell(as_user(cast("kai")), "cell", text='"SLOW"').status_code == 200
    late = cell(editor, "cell", text="-")
    assert (late.status_code, "Somebody else wrote &quot;SLOW&quot;" in late.content.decode()) == (409, True)
    assert cell(editor, "cell", name="tier", text="0", was="1").status_code == 200
    assert rule(table).when == {"tier": "0", "kind": '"SLOW"'}


def press(client, do):
    return client.post(f"{HOME}rules/", {"do": do}, headers={"HX-Request": "true"})


def test_rules_are_added_copied_moved_and_removed(editor, table):
    html = press(editor, "add:A1").content.decode()
    assert ('data-focus-rule="A4"' in html, "<html" in html) == (True, False)
    press(editor, "down:A1")
    press(editor, "duplicate:A3")
    assert make.rule_ids(table) == ["A4", "A1", "A2", "A3", "A5"]
    assert rule(table, "A5").when == rule(table, "A3").when
    assert 'data-focus-rule="A1"' in press(editor, "remove:A4").content.decode()
    assert make.rule_ids(table) == ["A1", "A2", "A3", "A5"]
    assert [press(editor, do).status_code for do in ("remove:A4", "burn:A1", "up:none")] == [404, 400, 404]


def standing(client):
    return client.get(f"{HOME}standing/").content.decode()


def test_gaps_are_told_by_example_and_closed_or_left_open(editor, table):
    html = standing(editor)
    assert "Nobody decides tier 2, kind FAST." in html
    assert "Not ready for the board yet" in html
    region = json.dumps({"tier": "2"})
    refused = editor.post(f"{HOME}gaps/", {"region": region, "do": "accept", "reason": ""})
    assert (refused.status_code, "Say why" in refused.content.decode()) == (400, True)
    accepted = editor.post(f"{HOME}gaps/", {"region": region, "do": "accept", "reason": "None is routed"})
    assert "The board can be asked." in accepted.content.decode()
    assert "Nobody decides" in editor.post(f"{HOME}gaps/", {"region": region, "do": "reopen"}).content.decode()
    press(editor, f"close:{region}")
    assert rule(table, "A4").when == {"tier": "2"}
    assert "The board can be asked." in standing(editor)
    assert press(editor, "close:[1]").status_code == 400


def test_rules_that_meet_are_told_with_an_example(editor, table):
    cell(editor, "cell", name="kind", text="-")
    html = standing(editor)
    assert "A2 and A3 both hold for tier 1, kind SLOW, and the table allows one answer." in html


def test_a_table_over_budget_says_what_was_analysed(editor, table, monkeypatch):
    monkeypatch.setattr("governance.web.table_editor.LIVE_BUDGET", 1)
    html = standing(editor)
    assert "Analysed: 0 % of all facts; whether the rest is decided is unknown." in html


def test_test_cases_come_pass_fail_and_go(editor, table):
    form = {"do": "add", "name": "slow", "f.tier": "1", "f.kind": "SLOW"}
    html = editor.post(f"{HOME}cases/", form).content.decode()
    assert "2 test cases" in html
    assert table.test_cases.get(name="slow").expect == {"output": {"say": "three"}, "rules": ["A3"]}
    assert editor.post(f"{HOME}cases/", form).status_code == 400
    wrong = {**form, "name": "wrong", "output": '{"say": "one"}'}
    html = editor.post(f"{HOME}cases/", wrong).content.decode()
    assert "1 failing" in html
    assert "It says {&quot;say&quot;:&quot;three&quot;} instead of {&quot;say&quot;:&quot;one&quot;}." in html
    assert editor.post(f"{HOME}cases/", {**wrong, "name": "worse", "output": "one"}).status_code == 400
    editor.post(f"{HOME}cases/", {"do": "remove", "name": "wrong"})
    assert sorted(table.test_cases.values_list("name", flat=True)) == ["slow", "urgent"]


def column_form(editor):
    page = editor.get(f"{HOME}columns/")
    form = {"hit": page.context["document"]["hit"], "title": page.context["document"]["title"]}
    for side, _, rows in page.context["sides"]:
        for at, row in enumerate(rows):
            form |= {f"{side}.{at}.{name}": value for name, value in row.items() if value not in (False, None)}
    return form


def test_columns_are_written_as_they_were_read(editor, table):
    assert "dict_values" not in editor.get(f"{HOME}columns/").content.decode()
    before = table.content_hash
    assert editor.post(f"{HOME}columns/", column_form(editor)).status_code == 302
    assert DecisionTable.objects.get(pk=table.pk).content_hash == before


def test_a_column_is_renamed_added_and_removed(editor, table):
    form = column_form(editor)
    form |= {"inputs.1.name": "speed", "inputs.2.name": "night", "inputs.2.type": "boolean", "outputs.0.order": "1"}
    assert editor.post(f"{HOME}columns/", form).status_code == 302
    read = DecisionTable.objects.get(pk=table.pk)
    assert [one["name"] for one in read.inputs] == ["tier", "speed", "night"]
    assert rule(table).when == {"tier": "1", "speed": '"FAST"'}
    refused = editor.post(f"{HOME}columns/", {**column_form(editor), "inputs.1.values": "FAST"})
    assert refused.status_code == 400
    assert "rules/A3/when/speed" in refused.content.decode()
    gone = {**column_form(editor), "inputs.1.remove": "1"}
    assert editor.post(f"{HOME}columns/", gone).status_code == 302
    assert rule(table).when == {"tier": "1"}


def test_a_big_table_is_shown_page_by_page(as_user, cast):
    rules = [{"id": f"B{n}", "when": {"tier": "0"}, "then": {"say": "one"}, "note": ""} for n in range(120)]
    make.routes_in_force(cast, rules=rules, hit="C")
    client = as_user(cast("jo"))
    client.post("/tables/routes/1.0/draft/")
    html = client.get(f"{HOME}?page=3").content.decode()
    assert ("B119" in html, "B99" in html, "3 of 3" in html) == (True, False, True)
    assert 'data-focus-rule="B119"' in press(client, "remove:B118").content.decode()
