"""The request form and its live panel, as the architect meets them."""

import pytest
from django.urls import reverse

from catalog.models import Interface
from governance.models import DecisionRule
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db


def typed(cast, story="IF-SUR-001", **changes):
    """The story interface as a browser posts its form."""
    values = make.story_values(cast, story)
    said = {name: value for name, value in values.items() if value not in (False, None)}
    said |= {name: values[name].key for name in ("provider", "source", "target")}
    return {"initiator": "SOURCE", "environments": ["TEST", "PROD"], **said, **changes}


def verdict_of(panel, pattern):
    shown = next(one for one in panel.context["spoken"] if one.pattern == pattern)
    return shown.verdict, [rule.id for rule in shown.rules]


def test_form_registers_what_was_typed(cast, as_user, seed_tables):
    answer = as_user(cast("ada")).post(reverse("catalog:request"), typed(cast))
    interface = Interface.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("catalog:interface", args=["IF-SUR-001"]))
    assert (interface.state, interface.tier, interface.patterns, interface.phi, interface.proposed_by.username) == (
        "PROPOSED", 1, ["HL7_FHIR_MEDIATION", "EVENT"], True, "ada",
    )  # fmt: skip


def test_wrong_answers_are_named_beside_their_fields_and_nothing_typed_is_lost(cast, as_user, seed_tables):
    wrong = typed(cast, key="SUR-1", target="ehr-a", tier="", name="OR case completed")
    page = as_user(cast("ada")).post(reverse("catalog:request"), wrong)
    assert page.status_code == 400
    assert set(page.context["form"].errors) == {"tier"}
    assert b'value="OR case completed"' in page.content
    page = as_user(cast("ada")).post(reverse("catalog:request"), {**wrong, "tier": "1"})
    assert page.status_code == 400
    assert page.context["form"].errors["key"] == ["A key looks like IF-SUR-001."]
    assert Interface.objects.count() == 0


def test_key_that_is_taken_is_refused(cast, as_user, seed_tables):
    make.story_interface(cast)
    page = as_user(cast("ada")).post(reverse("catalog:request"), typed(cast))
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["__all__", "key"])


@pytest.mark.parametrize(("name", "status"), [("uma", 403), ("eve", 403), ("jo", 403), (None, 302)])
def test_only_architects_request(cast, as_user, seed_tables, name, status):
    cast.domains()
    assert as_user(cast(name) if name else None).get(reverse("catalog:request")).status_code == status


def test_provider_outside_the_architects_domains_is_not_offered(cast, as_user, seed_tables):
    partner = make.system(cast, "partner", domain="EXTERNAL")
    page = as_user(cast("ada")).post(reverse("catalog:request"), typed(cast, provider=partner.key))
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["provider"])


def test_panel_prohibits_file_transfer_and_names_the_board(cast, as_user, seed_tables):
    answers = typed(cast, patterns=["MANAGED_FILE_TRANSFER"])
    panel = as_user(cast("ada")).post(reverse("catalog:verdict-panel"), answers)
    text = panel.content.decode()
    assert panel.status_code == 200
    assert verdict_of(panel, "MANAGED_FILE_TRANSFER") == ("PROHIBITED", ["P12", "P13"])
    assert verdict_of(panel, "HL7_FHIR_MEDIATION") == ("REQUIRED", ["P07"])
    assert (panel.context["assessed"].decider, panel.context["assessed"].forum, panel.context["right"].id) == (
        "INTEGRATION_GOVERNANCE_BOARD", "BOARD_MEETING", "D1",
    )  # fmt: skip
    note = next(rule["note"] for rule in make_policy(seed_tables) if rule["id"] == "P13")
    assert note in text
    assert "latency_s is 60" in text


def make_policy(seed_tables):
    return [{"id": rule.rule_id, "note": rule.note} for rule in seed_tables["pattern_verdict"].rules.all()]


def test_panel_names_the_design_authority_for_mediation_and_event(cast, as_user, seed_tables):
    panel = as_user(cast("ada")).post(reverse("catalog:verdict-panel"), typed(cast))
    said = panel.context["assessed"]
    assert (said.deviation, said.decider, panel.context["right"].id) == ("NONE", "DESIGN_AUTHORITY", "D6")
    assert ("Back within", "6 h") in panel.context["obligations"]


def test_panel_answers_however_little_is_said(cast, as_user, seed_tables):
    panel = as_user(cast("ada")).post(reverse("catalog:verdict-panel"), {"latency_s": "soon", "tier": "99"})
    assert panel.status_code == 200
    assert "interaction" in panel.context["unsaid"]


def test_panel_shows_what_is_there_already(cast, as_user, seed_tables):
    make.story_interface(cast)
    panel = as_user(cast("ada")).post(reverse("catalog:verdict-panel"), typed(cast, key="IF-SUR-008"))
    assert [one.key for one in panel.context["similar"]] == ["IF-SUR-001"]


def test_panel_follows_the_table_in_the_database(cast, as_user, seed_tables):
    DecisionRule.objects.filter(table=seed_tables["pattern_verdict"], rule_id="P07").update(
        then={"pattern": "HL7_FHIR_MEDIATION", "verdict": "DISCOURAGED"}, note="The engine is being retired"
    )
    panel = as_user(cast("ada")).post(reverse("catalog:verdict-panel"), typed(cast))
    assert verdict_of(panel, "HL7_FHIR_MEDIATION") == ("DISCOURAGED", ["P07"])
    assert panel.context["assessed"].deviation == "DISCOURAGED"
    assert "The engine is being retired" in panel.content.decode()


def test_copy_starts_from_another_under_the_next_key(cast, as_user, seed_tables):
    make.story_interface(cast)
    page = as_user(cast("ada")).get(reverse("catalog:request"), {"copy": "IF-SUR-001"})
    assert page.context["form"].initial["key"] == "IF-SUR-002"
    assert page.context["assessed"].deviation == "NONE"


def test_second_editor_is_told_that_somebody_was_faster(cast, as_user, seed_tables):
    interface = make.story_interface(cast)
    client, address = as_user(cast("ada")), reverse("catalog:edit", args=[interface.key])
    first = client.post(address, typed(cast, volume_day="900", revision="1"))
    second = client.post(address, typed(cast, volume_day="100", revision="1"))
    interface.refresh_from_db()
    assert (first.status_code, second.status_code, interface.volume_day) == (302, 412, 900)
    assert b'value="100"' in second.content
