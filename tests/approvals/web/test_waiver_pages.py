"""Waivers on pages: asked for with a form, listed by age, mended, prolonged and revoked."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals.domain.waivers import watch_waivers
from approvals.models import ChangeRequest, Waiver
from catalog.models import Finding
from tests.factories import waivers as made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
DAY = dt.timedelta(days=1)
#: Pages and answers ask the real clock: what they show is granted relative to it.
SAID = {
    "days": "90", "justification": "The ward moves.", "compensating_control": "The charge nurse is phoned.",
    "remediation": "Rewrite the runbook.", "remediation_owner": "abe", "evidence_test_evidence": "https://t.example/1",
    "evidence_backout_plan": "https://t.example/2",
}  # fmt: skip


@pytest.fixture
def interface(cast):
    return made.ground(cast)


@pytest.fixture
def waiver(cast, interface):
    return made.active_waiver(cast, interface, now=timezone.now() - 85 * DAY)


def due(days=60):
    return {"remediation_due": f"{timezone.now().date() + days * DAY:%Y-%m-%d}"}


def test_the_form_offers_what_stands_and_asks_the_board(cast, interface, as_user):
    finding = made.finding_on(cast, interface)
    client, address = as_user(cast("ada")), reverse("approvals:waiver-new", args=[interface.key])
    page = client.get(reverse("approvals:waive-finding", args=[finding.pk]))
    assert page.context["form"]["tolerated"].value() == f"FINDING:{finding.pk}"
    answer = client.post(address, {**SAID, **due(), "tolerated": f"FINDING:{finding.pk}"})
    assert answer.url == reverse("approvals:waiver", args=["WV-" + f"{timezone.now().year}-0001"])
    change = ChangeRequest.objects.get()
    assert (change.state, change.change_type, Waiver.objects.get().finding) == (
        "AUTHORIZE",
        "SECURITY_CONTROL",
        finding,
    )
    shown = client.get(reverse("approvals:change", args=[change.key])).content.decode()
    assert Waiver.objects.get().key in shown


def test_what_is_wrong_stands_beside_its_field(cast, interface, as_user):
    finding = made.finding_on(cast, interface, code="PATTERN_PROHIBITED")
    client, address = as_user(cast("ada")), reverse("approvals:waiver-new", args=[interface.key])
    said = {**SAID, **due(), "tolerated": f"FINDING:{finding.pk}", "days": "200"}
    for wrong, field in (
        ({}, "days"),
        ({"days": "90", "remediation": ""}, "remediation"),
        ({"tolerated": "x"}, "tolerated"),
    ):
        answer = client.post(address, {**said, **wrong})
        assert (answer.status_code, field in answer.context["form"].errors) == (400, True)
    assert Waiver.objects.count() == 0
    assert as_user(cast("uma")).get(address).status_code == 403
    assert as_user(cast("eve")).get(address).status_code == 404


def test_the_list_says_what_is_left_in_words(cast, waiver, as_user):
    client, address = as_user(cast("gus")), reverse("approvals:waivers")
    row = client.get(address).context["rows"][0]
    assert (row["waiver"], row["look"], row["age"]) == (waiver, "LATE" if row["left"][0] in "01234567" else "DUE", 85)
    assert row["left"].endswith("days left")
    for query, count in (("ends=30", 1), ("ends=over", 0), ("state=EXPIRED", 0), ("kind=FINDING&domain=CLINICAL", 1)):
        assert len(client.get(f"{address}?{query}").context["rows"]) == count, query
    watch_waivers(now=waiver.expires_at, actor=cast.clock)
    assert [row["look"] for row in client.get(f"{address}?ends=over").context["rows"]] == ["OVERDUE"]
    lines = b"".join(client.get(f"{address}?format=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1].startswith(f"{waiver.key},{waiver.interface.key},FINDING,")
    assert as_user(cast("eve")).get(address).context["rows"] == []


def test_outsiders_find_no_waiver(cast, waiver, as_user):
    client = as_user(cast("eve"))
    for name in ("waiver", "waiver-remediate", "waiver-revoke", "waiver-renew"):
        address = reverse(f"approvals:{name}", args=[waiver.key])
        ask = client.get if name == "waiver" else client.post
        assert ask(address).status_code == 404, name


def test_home_and_the_interface_show_what_ends(cast, waiver, as_user):
    for name in ("abe", "ada", "pam"):
        page = as_user(cast(name)).get(reverse("approvals:home-fragment")).content.decode()
        assert waiver.key in page, name
    assert waiver.key not in as_user(cast("kai")).get(reverse("approvals:home-fragment")).content.decode()
    shown = as_user(cast("uma")).get(reverse("approvals:interface-waivers", args=[waiver.interface.key]))
    assert waiver.key in shown.content.decode()


def test_it_is_prolonged_and_mended_on_its_page(cast, waiver, as_user):
    page = reverse("approvals:waiver", args=[waiver.key])
    security, owner = as_user(cast("pam")), as_user(cast("abe"))
    renew = reverse("approvals:waiver-renew", args=[waiver.key])
    assert (renew in security.get(page).content.decode(), renew in owner.get(page).content.decode()) == (True, False)
    refused = security.post(renew, {"days": "", "reason": ""})
    assert (refused.status_code, sorted(refused.context["renew_form"].errors)) == (400, ["days", "reason"])
    security.post(renew, {"days": "60", "reason": "The ward moves later."})
    again = security.post(renew, {"days": "80", "reason": "Later still."})
    assert (again.status_code, "prolonged once already" in again.content.decode()) == (403, True)
    mend = reverse("approvals:waiver-remediate", args=[waiver.key])
    assert owner.post(mend, {"reason": ""}).status_code == 400
    owner.post(mend, {"reason": "The runbook names the new ward."})
    assert (Waiver.objects.get().state, Finding.objects.get().state) == ("REMEDIATED", "FIXED")
    late = security.post(reverse("approvals:waiver-revoke", args=[waiver.key]), {"reason": "Too late"})
    assert (late.status_code, "REMEDIATED" in late.content.decode()) == (409, True)


def test_the_list_costs_the_same_for_one_waiver_and_three(cast, interface, as_user, django_assert_max_num_queries):
    client, address, counts = as_user(cast("gus")), reverse("approvals:waivers"), []
    for message in ("One", "Two", "Three"):
        finding = made.finding_on(cast, interface, fingerprint=message, message=message)
        made.asked_waiver(cast, interface, finding=finding)
        client.get(address)
        with django_assert_max_num_queries(40) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[2]
