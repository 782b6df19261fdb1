"""The queue, asking from a form, and the parts of other pages."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals.domain.requests import revise_change
from approvals.models import ChangeRequest
from tests.factories import approvals as make
from tests.factories import catalog

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
URL = "/changes/"


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


def keys(response):
    return [change.key for change, *_ in response.context["rows"]]


def test_tabs_hold_what_they_say(cast, as_user):
    asked = make.asked_change(cast)
    scheduled = make.scheduled_change(cast, "IF-SUR-004")
    draft = make.new_interface_change(cast, "IF-SUR-005")
    di, ada = as_user(cast("di")), as_user(cast("ada"))
    assert keys(di.get(URL)) == [asked.key]
    assert di.get(URL).context["tab"] == "to-vote"
    assert keys(di.get(f"{URL}waiting/")) == []
    assert keys(ada.get(f"{URL}waiting/")) == [asked.key]
    assert set(keys(ada.get(f"{URL}mine/"))) == {asked.key, scheduled.key, draft.key}
    assert keys(ada.get(f"{URL}scheduled/")) == [scheduled.key]
    assert keys(ada.get(f"{URL}closed/")) == []
    assert keys(ada.get(f"{URL}mine/?state=DRAFT")) == [draft.key]
    assert keys(ada.get(f"{URL}mine/?q=SUR-004")) == [scheduled.key]
    assert keys(ada.get(f"{URL}mine/?sort=key")) == [asked.key, scheduled.key, draft.key]
    assert as_user(cast("eve")).get(URL).context["rows"] == []


def test_what_is_sought_without_a_tab_is_sought_in_all_changes(cast, as_user):
    asked = make.asked_change(cast)
    scheduled = make.scheduled_change(cast, "IF-SUR-004")
    di = as_user(cast("di"))
    for address in ("?state=SCHEDULED", "?q=SUR-004"):
        found = di.get(f"{URL}{address}")
        assert (found.context["tab"], keys(found)) == ("all", [scheduled.key])
    assert keys(di.get(f"{URL}to-vote/?state=SCHEDULED")) == []
    assert set(keys(di.get(f"{URL}all/"))) == {asked.key, scheduled.key}


def test_a_change_in_review_is_no_longer_scheduled(cast, as_user):
    change = make.scheduled_change(cast)
    ada = as_user(cast("ada"))
    for state, tab in (("SCHEDULED", "scheduled"), ("IMPLEMENTING", "scheduled"), ("REVIEW", "review")):
        ChangeRequest.objects.update(state=state)
        counted = {name: keys(ada.get(f"{URL}{name}/")) for name in ("scheduled", "review", "closed")}
        assert counted == {name: [change.key] if name == tab else [] for name in counted}
    shown = dict(ada.get(f"{URL}review/").context["sections"])
    assert (shown[f"{URL}scheduled/"], shown[f"{URL}review/"], shown[f"{URL}all/"]) == (
        "Scheduled 0", "In review 1", "All 1",
    )  # fmt: skip


def test_a_stale_vote_is_marked(cast, as_user):
    change = make.asked_change(cast)
    make.vote(cast, change, "di")
    revise_change(change, backout="Back", now=cast.now, actor=cast("ada"))
    assert "Your vote is stale" in as_user(cast("di")).get(f"{URL}to-vote/").content.decode()


def test_csv(cast, as_user):
    change = make.asked_change(cast)
    lines = b"".join(as_user(cast("ada")).get(f"{URL}mine/?format=csv")).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"{change.key},")
    assert '"INTERFACE_OWNER, CLINICAL_IT, OPERATIONS, SECURITY, DATA_GOVERNANCE"' in lines[1]


def test_lists_cost_the_same_with_one_and_three_rows(cast, as_user, django_assert_num_queries):
    client = as_user(cast("di"))
    make.asked_change(cast)
    counts = {}
    for address in (f"{URL}to-vote/", f"{URL}home/"):
        client.get(address)
        with django_assert_num_queries(WANTED[address]) as seen:
            client.get(address)
        counts[address] = len(seen)
    make.asked_change(cast, "IF-SUR-007")
    make.asked_change(cast, "IF-ONB-005")
    for address, count in counts.items():
        with django_assert_num_queries(count):
            client.get(address)
    assert len(keys(client.get(f"{URL}to-vote/"))) == 3


WANTED = {f"{URL}to-vote/": 35, f"{URL}home/": 32}


def submission(**values):
    return {"reason": "Charges on the day", "plan": "Night shift", "backout": "Route back", **values}


def test_submit_interface_in_one_go(cast, as_user):
    interface = make.decided_interface(cast)
    ada = as_user(cast("ada"))
    form = ada.get(f"{URL}submit/{interface.key}/")
    assert [one["label"] for one in form.context["asks"]] == [
        "INTERFACE_OWNER", "CLINICAL_IT", "OPERATIONS", "SECURITY", "DATA_GOVERNANCE",
    ]  # fmt: skip
    early = (timezone.now() + dt.timedelta(hours=41, minutes=1)).strftime("%Y-%m-%dT%H:%M")
    refused = ada.post(f"{URL}submit/{interface.key}/", submission(window=early))
    shown = refused.content.decode()
    assert refused.status_code == 400
    assert "&lt; 72 h)" in shown
    assert "Charges on the day" in shown
    assert list(refused.context["form"].errors) == ["__all__", "window_start"]
    assert not ChangeRequest.objects.exists()
    typed = ada.post(f"{URL}submit/{interface.key}/", submission(evidence_backout_plan="DOC-7"))
    assert (typed.status_code, ChangeRequest.objects.count()) == (400, 0)
    assert "Backout plan" in typed.content.decode()
    link = "https://wiki.example/DOC-7"
    done = ada.post(f"{URL}submit/{interface.key}/", submission(evidence_backout_plan=link))
    change = ChangeRequest.objects.get()
    assert (done.status_code, done.headers["Location"]) == (302, f"{URL}{change.key}/")
    assert (change.state, change.title, list(change.evidence)) == ("ASSESS", interface.name, ["backout_plan"])
    assert change.evidence["backout_plan"][0]["url"] == link
    again = ada.get(f"{URL}submit/{interface.key}/").content.decode()
    assert f"Open {change.key}" in again


def test_submit_form_names_every_blocker_up_front_and_again_with_the_forms_own_errors(cast, as_user):
    interface = catalog.story_interface(cast, "IF-SUR-001", patterns=[], data_classes=[])
    ada, address = as_user(cast("ada")), f"{URL}submit/{interface.key}/"
    form = ada.get(address)
    codes = ["OWNER_MISSING", "OWNER_MISSING", "OWNER_MISSING", "NO_PATTERN", "NO_DATA_CLASS", "DECISION_MISSING"]
    assert [one.finding.code for one in form.context["blockers"]] == codes
    for place in ("owners", "facts", "decision"):
        assert f'href="{reverse("catalog:interface", args=[interface.key])}#{place}"' in form.content.decode()
    assert "has no pattern decision on its present facts yet. It is decided by" in form.content.decode()
    early = (timezone.now() + dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    refused = ada.post(address, submission(reason="", window=early))
    assert refused.status_code == 400
    assert [one.finding.code for one in refused.context["blockers"]] == codes
    assert set(refused.context["form"].errors) == {"reason", "window_start"}
    assert "Night shift" in refused.content.decode()
    alone = ada.post(address, submission())
    assert (alone.status_code, dict(alone.context["form"].errors)) == (422, {})
    assert not ChangeRequest.objects.exists()


def test_a_draft_change_names_every_blocker_on_its_own_page_and_again_when_submitted(cast, as_user):
    cast.board()
    interface = catalog.story_interface(cast, "IF-SUR-001", patterns=[], data_classes=[])
    change = make.new_interface_change(cast, interface=interface)
    ada, codes = as_user(cast("ada")), ["OWNER_MISSING"] * 3 + ["NO_PATTERN", "NO_DATA_CLASS", "DECISION_MISSING"]
    shown = ada.get(f"{URL}{change.key}/")
    refused = ada.post(f"{URL}{change.key}/submit/")
    assert (shown.status_code, refused.status_code) == (200, 409)
    for page in (shown, refused):
        assert [one.finding.code for one in page.context["blockers"]] == codes
        for place in ("owners", "facts", "decision"):
            assert f'href="{reverse("catalog:interface", args=[interface.key])}#{place}"' in page.content.decode()
    assert ChangeRequest.objects.get().state == "DRAFT"


def test_a_draft_change_with_nothing_in_its_way_names_no_blocker(cast, as_user):
    change = make.new_interface_change(cast)
    assert as_user(cast("ada")).get(f"{URL}{change.key}/").context["blockers"] == []


def test_change_of_an_interface_in_force_asks_for_what_differs(cast, as_user):
    interface = make.interface_in_force(cast)
    ada = as_user(cast("ada"))
    form = ada.get(f"{URL}new/{interface.key}/").context["facts"]
    data = {f"f-{name}": value for name, value in form.initial.items() if value not in (None, False)}
    nothing = ada.post(f"{URL}new/{interface.key}/", submission(**data))
    assert (nothing.status_code, "This changes nothing." in nothing.content.decode()) == (400, True)
    wrong = ada.post(f"{URL}new/{interface.key}/", submission(**{**data, "f-tier": "9"}))
    assert (wrong.status_code, list(wrong.context["facts"].errors)) == (400, ["tier"])
    done = ada.post(f"{URL}new/{interface.key}/", submission(**{**data, "f-volume_day": "9000"}))
    assert done.status_code == 302
    change = ChangeRequest.objects.order_by("-key").first()
    assert (change.change_type, change.items.get().patch) == ("MODIFY", {"volume_day": 9000})
    shown = ada.get(f"{URL}{change.key}/").content.decode()
    assert "<del>400</del>" in shown
    assert "<ins>9000</ins>" in shown


def test_preview_answers_half_a_form(cast, as_user):
    ada = as_user(cast("ada"))
    values = catalog.story_values(cast, "IF-SUR-001")
    loose = {name: getattr(value, "key", value) for name, value in values.items() if value not in (None, False)}
    shown = ada.post(f"{URL}preview/", loose).content.decode()
    for said in ("Interface owner", "Clinical IT", "A05", "72 h", "Encryption control"):
        assert said in shown
    assert ada.post(f"{URL}preview/", {}).status_code == 200


def test_parts_of_other_pages(cast, as_user):
    change = make.asked_change(cast)
    ada = as_user(cast("ada"))
    assert change.key in ada.get(f"{URL}of/IF-SUR-001/").content.decode()
    assert change.key in ada.get(f"{URL}home/").content.decode()
    assert change.key in ada.get(f"{URL}search/?q=sur-001").content.decode()
    assert change.key not in ada.get(f"{URL}search/?q=nothing").content.decode()
    assert "as Security" in as_user(cast("di")).get(f"{URL}home/").content.decode()
    outside = as_user(cast("eve"))
    assert outside.get(f"{URL}of/IF-SUR-001/").status_code == 404
    assert change.key not in outside.get(f"{URL}search/?q=sur-001").content.decode()
