"""Findings on pages and for programs: listed with their interface, judged with a reason."""

import pytest
from django.urls import reverse

from catalog.domain.findings import raise_finding
from catalog.models import Finding
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def interface(cast):
    return make.owned(cast, make.interface(cast))


@pytest.fixture
def finding(cast, interface):
    return raise_finding(
        interface, code="PATTERN_PROHIBITED", severity="ERROR", message="A point-to-point link carries PHI.",
        source="pattern_verdict 1.1", details={"pattern": "POINT_TO_POINT"}, now=cast.now, actor=cast.clock,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", 1), ("state=OPEN&severity=ERROR", 1), ("state=FIXED", 0), ("severity=NOTE", 0), ("domain=CLINICAL", 1),
        ("domain=ERP", 0), ("code=pattern_prohibited", 1), ("code=OTHER", 0), ("q=point-to-point", 1),
    ],
)  # fmt: skip
def test_the_list_is_filtered_by_its_address(cast, finding, as_user, api, query, rows):
    address = reverse("catalog:findings")
    assert len(as_user(cast("uma")).get(f"{address}?{query}").context["page"].rows) == rows
    assert as_user(cast("eve")).get(f"{address}?{query}").context["page"].rows == []
    if "q=" not in query:
        assert len(api(cast("uma")).get(f"/api/v1/findings/?{query}").json()["results"]) == rows


def test_the_list_is_exported(cast, finding, as_user):
    answer = as_user(cast("gus")).get(reverse("catalog:findings") + "?format=csv&state=OPEN")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1].startswith("IF-LAB-001,Laboratory orders,CLINICAL,ERROR,OPEN,PATTERN_PROHIBITED,")


def test_the_interface_shows_what_stands_against_it_and_takes_a_report(cast, interface, finding, as_user):
    client = as_user(cast("ada"))
    page = client.get(reverse("catalog:interface", args=[interface.key]))
    assert page.context["findings"] == [finding]
    said = {"finding-severity": "WARNING", "finding-message": "The runbook names a closed ward."}
    address = reverse("catalog:report-finding", args=[interface.key])
    assert client.post(address, {**said, "finding-message": ""}).status_code == 400
    assert client.post(address, said, follow=True).status_code == 200
    assert sorted(Finding.objects.values_list("code", flat=True)) == ["PATTERN_PROHIBITED", "REPORTED"]


def test_a_finding_is_judged_on_its_page(cast, finding, as_user):
    page = reverse("catalog:finding", args=[finding.pk])
    dismiss = reverse("catalog:judge-finding", args=[finding.pk, "dismiss"])
    owner, security = as_user(cast("ada")), as_user(cast("pam"))
    assert (dismiss in owner.get(page).content.decode(), dismiss in security.get(page).content.decode()) == (
        False, True,
    )  # fmt: skip
    assert owner.post(dismiss, {"reason": "No"}).status_code == 403
    assert security.post(dismiss, {"reason": ""}).status_code == 400
    security.post(dismiss, {"reason": "The link ended."})
    again = security.post(dismiss, {"reason": "The link ended."})
    assert (again.status_code, Finding.objects.get().state) == (409, "FALSE_POSITIVE")
    assert "The link ended." in again.content.decode()


def test_programs_read_and_people_judge(cast, finding, api, hal_token):
    address = f"/api/v1/findings/{finding.pk}/"
    shown = api(cast("uma")).get(address).json()
    assert {name: shown[name] for name in ("interface", "domain", "state", "details")} == {
        "interface": "IF-LAB-001", "domain": "CLINICAL", "state": "OPEN", "details": {"pattern": "POINT_TO_POINT"},
    }  # fmt: skip
    assert api(cast("eve")).get(address).status_code == 404
    assert api(cast("pam")).post(f"{address}fix/", {"reason": "x"}, format="json").json()["code"] == "FINDING_COMPUTED"
    assert (
        api(cast("pam")).post(f"{address}dismiss/", {"reason": "Ended"}, format="json").json()["state"]
        == "FALSE_POSITIVE"
    )
    assert api(cast("pam")).post(f"{address}restore/", {"reason": "It runs"}, format="json").json()["state"] == "OPEN"


def test_a_program_lists_and_a_person_reports(cast, interface, finding, api):
    address = f"/api/v1/interfaces/{interface.key}/findings/"
    said = {"severity": "NOTE", "message": "No one reads the log."}
    made = api(cast("oz")).post(address, said, format="json")
    assert (made.status_code, made.json()["code"]) == (201, "REPORTED")
    assert [one["severity"] for one in api(cast("uma")).get(address).json()] == ["ERROR", "NOTE"]
    assert api(cast("uma")).post(address, said, format="json").status_code == 403
