"""Drafting a decision table: what an edit does, what it refuses, and what it leaves untouched."""

import pytest

from governance.domain import drafts
from governance.domain.audit import history_of
from governance.domain.gap_commands import accept_gaps, reopen_gaps
from governance.domain.table_checks import standing_of
from governance.domain.table_files import export_table, import_tables
from governance.domain.table_review import editors_of, review_table
from governance.domain.tables import active_table, evaluate
from governance.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, NotReady, StaleRevision, WrongState
from governance.models import DecisionTable
from tests.factories import tables as make

pytestmark = pytest.mark.django_db


def by(cast, name="jo"):
    return {"now": cast.now, "actor": cast(name)}


def codes(table):
    return sorted({finding.code for finding in standing_of(table).findings if finding.severity == "ERROR"})


def test_a_draft_is_a_copy_that_binds_nobody(cast):
    table = make.draft(cast)
    assert (table.version, table.state, table.based_on.version) == ("1.1", "DRAFT", "1.0")
    assert table.content_hash == active_table("routes").content_hash
    drafts.edit_rule(table, "A1", then={"say": "two"}, **by(cast))
    assert evaluate("routes", {"tier": 0, "kind": "FAST"}).output == {"say": "one"}
    assert table.content_hash != active_table("routes").content_hash
    with pytest.raises(Conflict) as refused:
        drafts.start_draft("routes", based_on=table, version="1.0", **by(cast))
    assert refused.value.code == "DRAFT_OPEN"


def test_who_has_no_part_in_policy_drafts_and_edits_nothing(cast):
    table = make.draft(cast)
    for name in ("uma", "oz", "ivy"):
        with pytest.raises(NotAllowed):
            drafts.start_draft("other", **by(cast, name))
        with pytest.raises(NotAllowed):
            drafts.remove_rule(table, "A1", **by(cast, name))
    assert make.rule_ids(table) == ["A1", "A2", "A3"]


def test_rules_come_move_and_go(cast):
    table = make.draft(cast)
    drafts.add_rule(table, after="A1", **by(cast))
    assert make.rule_ids(table) == ["A1", "A4", "A2", "A3"]
    drafts.move_rule(table, "A4", to=99, **by(cast))
    assert make.rule_ids(table) == ["A1", "A2", "A3", "A4"]
    drafts.move_rule(table, "A3", to=1, **by(cast))
    drafts.remove_rule(table, "A1", **by(cast))
    assert make.rule_ids(table) == ["A3", "A2", "A4"]
    with pytest.raises(NotFound):
        drafts.remove_rule(table, "A1", **by(cast))


def test_a_cell_that_cannot_be_is_refused_at_its_place_and_nothing_is_written(cast):
    table = make.draft(cast)
    for values, place, said in (
        ({"when": {"kind": "FAST"}}, "rules/A2/when/kind", "a text needs quotes"),
        ({"when": {"kind": '"SLOWLY"'}}, "rules/A2/when/kind", "do not allow"),
        ({"when": {"tier": '"one"'}}, "rules/A2/when/tier", "the input is a number"),
        ({"then": {"say": "four"}}, "rules/A2/then/say", "not among"),
        ({"note": "x" * 301}, "rules/A2/note", "300"),
        ({"id": "A1"}, "rules/A1/id", "twice"),
        ({"id": "a/b"}, "rules/a/b/id", "slash"),
    ):
        with pytest.raises(Invalid) as refused:
            drafts.edit_rule(table, "A2", **values, **by(cast))
        assert refused.value.code == "TABLE_INVALID"
        assert said in refused.value.errors[place][0]
    rule = table.rules.get(rule_id="A2")
    assert (rule.when, rule.then, rule.note) == ({"tier": "1", "kind": '"FAST"'}, {"say": "two"}, "")


def test_an_edit_against_an_older_revision_is_refused(cast):
    table = make.draft(cast)
    mine, yours = (DecisionTable.objects.get(pk=table.pk) for _ in range(2))
    drafts.edit_rule(mine, "A1", note="first", **by(cast))
    with pytest.raises(StaleRevision):
        drafts.edit_rule(yours, "A1", note="second", **by(cast, "kai"))
    with pytest.raises(StaleRevision):
        drafts.edit_rule(mine, "A1", note="third", seen=mine.revision - 1, **by(cast))
    assert table.rules.get(rule_id="A1").note == "first"


def test_the_audit_keeps_an_edit_cell_by_cell_and_who_made_it(cast):
    table = make.draft(cast)
    drafts.edit_rule(table, "A2", when={"kind": "-"}, **by(cast, "kai"))
    last = history_of(table).last()
    (rule,) = last.after["rules"]
    assert rule["cells"] == [{"side": "when", "name": "kind", "was": '"FAST"', "now": "-"}]
    assert (rule["rule"], rule["kind"], last.actor_label) == ("A2", "changed", str(cast("kai")))
    drafts.edit_rule(table, "A2", when={"kind": " - "}, **by(cast, "ada"))
    assert sorted(user.username for user in editors_of(table)) == ["jo", "kai"]


def test_a_renamed_column_takes_its_cells_cases_and_gaps_along(cast):
    table = make.draft(cast)
    accept_gaps(table, [{"tier": "2"}], reason="Tier 2 needs no route", **by(cast))
    tier, kind = table.inputs
    drafts.edit_columns(table, inputs=[{**kind, "name": "speed", "was": "kind"}, tier], **by(cast))
    assert table.rules.get(rule_id="A2").when == {"tier": "1", "speed": '"FAST"'}
    assert table.test_cases.get().facts == {"tier": 0, "speed": "FAST"}
    drafts.edit_columns(table, inputs=[table.inputs[1]], **by(cast))
    assert (table.rules.get(rule_id="A2").when, codes(table)) == ({"tier": "1"}, ["OVERLAP"])
    with pytest.raises(Invalid) as refused:
        drafts.edit_columns(table, inputs=[{**tier, "range": None, "values": [0, 2]}], **by(cast))
    assert sorted(refused.value.errors) == ["rules/A2/when/tier", "rules/A3/when/tier"]


def test_a_gap_is_closed_by_a_rule_or_accepted_with_a_reason(cast):
    table = make.draft(cast)
    (gap,) = standing_of(table).gaps
    assert (gap.region, gap.example["tier"], codes(table)) == ({"tier": "2"}, 2, ["GAP"])
    with pytest.raises(NotReady) as refused:
        review_table(table, **by(cast))
    assert "Nobody decides tier 2" in refused.value.errors['gaps/{"tier": "2"}'][0]
    with pytest.raises(Invalid):
        accept_gaps(table, [gap.region], reason=" ", **by(cast))
    accept_gaps(table, [gap.region], reason="Nothing of tier 2 is routed", **by(cast))
    assert codes(table) == []
    reopen_gaps(table, [gap.region], **by(cast))
    drafts.add_rule(table, rule=make.CLOSING, **by(cast))
    assert codes(table) == []


def test_an_accepted_gap_covers_its_own_facts_and_no_more(cast):
    table = make.draft(cast)
    accept_gaps(table, [{"tier": "2", "kind": '"FAST"'}], reason="Too fast to route", **by(cast))
    (gap,) = standing_of(table).gaps
    assert gap.region == {"tier": "2", "kind": '"SLOW"'}
    drafts.remove_rule(table, "A1", **by(cast))
    assert {"tier": "0"} in [one.region for one in standing_of(table).gaps]


def test_rules_that_clash_and_cases_that_fail_keep_a_version_from_the_board(cast):
    table = make.draft(cast)
    drafts.add_rule(table, rule={**make.CLOSING, "when": {"tier": ">=1"}}, **by(cast))
    assert codes(table) == ["OVERLAP"]
    drafts.edit_rule(table, "A4", when={"tier": "2"}, **by(cast))
    drafts.edit_rule(table, "A1", then={"say": "three"}, **by(cast))
    (failed,) = standing_of(table).failed
    assert failed.problems == ('It says {"say":"three"} instead of {"say":"one"}.',)
    drafts.edit_cases(table, [], **by(cast))
    assert codes(table) == ["CASES_MISSING"]


def test_what_is_in_review_is_not_edited(cast):
    table = make.draft(cast)
    drafts.add_rule(table, rule=make.CLOSING, **by(cast))
    review_table(table, **by(cast))
    with pytest.raises(WrongState):
        drafts.edit_rule(table, "A1", note="late", **by(cast))
    with pytest.raises(WrongState):
        review_table(table, **by(cast))


def test_a_file_becomes_drafts_or_nothing(cast):
    first = make.routes_in_force(cast)
    for form in ("dmn", "json"):
        (made,), _ = import_tables(export_table(first, form).data, f"routes.{form}", **by(cast))
        assert (made.state, made.based_on, made.content_hash) == ("DRAFT", first, first.content_hash)
    assert list(DecisionTable.objects.order_by("created_at").values_list("version", flat=True))[1:] == ["1.1", "1.2"]
    wrong = export_table(first, "json").data.replace(b'"A2"', b'"' + b"A" * 60 + b'"')
    two = b"[" + export_table(first, "json").data + b"," + wrong + b"]"
    with pytest.raises(Invalid) as refused:
        import_tables(two, "two.json", **by(cast))
    assert list(refused.value.errors) == [f"routes: rules/{'A' * 60}/id"]
    assert DecisionTable.objects.count() == 3


def test_the_first_policys_gaps_can_be_accepted_one_by_one(cast, seed_tables):
    table = drafts.start_draft("pattern_verdict", based_on=seed_tables["pattern_verdict"], **by(cast))
    gaps = [gap.region for gap in standing_of(table).gaps]
    assert len(gaps) == 36
    accept_gaps(table, gaps[:35], reason="Decided case by case", **by(cast))
    assert codes(table) == ["GAP"]
    accept_gaps(table, gaps[35:], reason="Decided case by case", **by(cast))
    assert codes(table) == []
