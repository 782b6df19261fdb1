"""The steps that an interface's page offers: decide, name owners, withdraw; each refusal on the page itself."""

import pytest
from django.urls import reverse

from catalog.models import DecisionRecord
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db


def at(name, key="IF-SUR-001", *more):
    return reverse(f"catalog:{name}", args=[key, *more])


def test_decider_records_the_decision_and_the_page_explains_it(cast, as_user, seed_tables):
    make.owned(cast, make.story_interface(cast))
    client = as_user(cast("jo"))
    answer = client.post(at("decide-pattern"), {"decide-rationale": "The engine already speaks HL7 v2."})
    page = client.get(at("interface"))
    assert (answer.status_code, answer["Location"]) == (302, f"{at('interface')}#decision")
    assert (page.context["covers"], page.context["decided_names"]) == (True, ["HL7/FHIR mediation", "Event"])
    shown = next(one for one in page.context["decided_verdicts"] if one.pattern == "HL7_FHIR_MEDIATION")
    assert [(rule.id, bool(rule.why)) for rule in shown.rules] == [("P07", True)]


def test_decision_keeps_its_reasons_when_the_table_moves_on(cast, as_user, seed_tables):
    make.owned(cast, make.story_interface(cast))
    as_user(cast("jo")).post(at("decide-pattern"), {"decide-rationale": "It fits."})
    seed_tables["pattern_verdict"].rules.filter(rule_id="P07").update(note="Something else")
    page = as_user(cast("ada")).get(at("interface"))
    shown = next(one for one in page.context["decided_verdicts"] if one.pattern == "HL7_FHIR_MEDIATION")
    kept = DecisionRecord.objects.get().verdicts["HL7_FHIR_MEDIATION"]["reasons"]
    assert [(rule.reason, rule.why) for rule in shown.rules] == [(kept[0], [])]


@pytest.mark.parametrize(
    ("name", "typed", "status"), [("ada", "Because", 403), ("kai", "Because", 403), ("jo", "", 400)]
)
def test_decision_that_is_refused_keeps_what_was_typed(cast, as_user, seed_tables, name, typed, status):
    make.owned(cast, make.story_interface(cast))
    page = as_user(cast(name)).post(at("decide-pattern"), {"decide-rationale": typed})
    assert page.status_code == status
    assert page.context["decide_form"]["rationale"].value() == typed
    assert page.context["decide_form"].errors
    assert DecisionRecord.objects.count() == 0


def test_board_decides_what_is_prohibited(cast, as_user, seed_tables):
    make.story_interface(cast, "IF-ONB-005")
    page = as_user(cast("jo")).get(at("interface", "IF-ONB-005"))
    assert page.context["cannot_decide"].startswith("The board decides in a meeting")


def test_owner_and_consumer_are_named_while_it_is_a_proposal(cast, as_user, seed_tables):
    make.story_interface(cast)
    make.system(cast, "billing")
    client = as_user(cast("ada"))
    client.post(at("assign-owner"), {"owner-kind": "SUPPORT", "owner-owner": "team:architects"})
    client.post(at("subscribe"), {"consumer-consumer": "billing", "consumer-purpose": "Charges"})
    page = client.get(at("interface"))
    assert [str(owner.owner) for _, owner, _ in page.context["owners"] if owner] == ["Architects"]
    assert [one.consumer.key for one in page.context["interface"].consumers] == ["billing"]
    again = client.post(at("subscribe"), {"consumer-consumer": "billing", "consumer-purpose": "Charges"})
    assert (again.status_code, b"already consumes" in again.content) == (409, True)


def test_withdrawing_says_why_and_a_second_time_shows_the_fresh_state(cast, as_user, seed_tables):
    make.story_interface(cast)
    client = as_user(cast("ada"))
    first = client.post(at("move", "IF-SUR-001", "withdraw"), {"reason": "Covered by IF-SUR-003"})
    second = client.post(at("move", "IF-SUR-001", "withdraw"), {"reason": "Again"})
    assert (first.status_code, second.status_code) == (302, 409)
    assert second.context["interface"].state == "WITHDRAWN"
    assert second.context["events"][0].reason == "Covered by IF-SUR-003"


@pytest.mark.parametrize(("name", "status"), [("uma", 403), ("eve", 404)])
def test_who_may_not_is_refused(cast, as_user, seed_tables, name, status):
    make.story_interface(cast)
    assert as_user(cast(name)).post(at("move", "IF-SUR-001", "withdraw")).status_code == status


def test_unknown_move_is_nowhere(cast, as_user, seed_tables):
    make.story_interface(cast)
    assert as_user(cast("ada")).post(at("move", "IF-SUR-001", "explode")).status_code == 404


def test_only_moves_that_are_possible_have_a_button(cast, as_user, seed_tables):
    make.story_interface(cast)
    pages = {name: as_user(cast(name)).get(at("interface")) for name in ("ada", "uma")}
    shown = {name: [button.label for button in page.context["moves"]] for name, page in pages.items()}
    assert shown == {"ada": ["Withdraw"], "uma": []}
