"""Evidence over HTTP: given by form and by program, downloaded by those who may read the change, refused by name."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from approvals.domain.evidence import attach_evidence
from approvals.models import ChangeRequest
from governance.models import StoredFile
from tests.factories import approvals as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
REPORT = b"A day of messages was replayed.\n"


@pytest.fixture
def change(cast):
    """All but the test report and the backout plan is given."""
    kinds = make.EVIDENCE.keys() - {"test_evidence", "backout_plan"}
    return make.asked_change(cast, evidence={kind: make.EVIDENCE[kind] for kind in kinds})


def file(content=REPORT, name="report.txt"):
    return SimpleUploadedFile(name, content, content_type="text/plain")


def at(change, way):
    return f"/api/v1/changes/{change.key}/evidence/{way}"


def attach(client, change, kind="test_evidence", **how):
    return client.post(at(change, "attach/"), {"kind": kind, "file": file(**how)}, format="multipart")


def test_a_program_gives_what_is_missing_and_its_change_goes_on(cast, api, change):
    ada = api(cast("ada"))
    listed = {one["kind"]: one for one in ada.get(at(change, "")).json()}
    assert (listed["test_evidence"]["status"], listed["test_evidence"]["rules"]) == ("MISSING", ["A02"])
    assert (listed["impact_list"]["status"], listed["impact_list"]["source"]) == ("COMPUTED", "COMPUTED")
    done = attach(ada, change)
    assert (done.status_code, done.json()["evidence_missing"]) == (200, ["backout_plan"])
    link = {"kind": "backout_plan", "url": "https://wiki.example/backout"}
    said = ada.post(at(change, "link/"), link, format="json").json()
    assert (said["state"], said["evidence_missing"]) == ("AUTHORIZE", [])
    piece = said["evidence"]["backout_plan"][0]["id"]
    back = ada.post(at(change, "withdraw/"), {"piece": piece}, format="json").json()
    assert (back["state"], back["number"]) == ("ASSESS", 2)


def test_refusals_have_their_codes(cast, api, change, settings):
    ada = api(cast("ada"))
    typed = ada.post(at(change, "link/"), {"kind": "impact_list", "url": "https://wiki.example/i"}, format="json")
    plain = ada.post(at(change, "link/"), {"kind": "test_evidence", "url": "http://wiki.example/i"}, format="json")
    stated = ada.post(at(change, "state/"), {"kind": "test_evidence", "text": "It works"}, format="json")
    wrong = attach(ada, change, content=b"MZ\x90", name="setup.exe")
    settings.EVIDENCE_MAX_BYTES = 10
    large = attach(ada, change)
    answers = [(one.status_code, one.json()["code"]) for one in (typed, plain, stated, wrong, large)]
    assert answers == [
        (400, "EVIDENCE_COMPUTED"), (400, "EVIDENCE_LINK"), (400, "EVIDENCE_STATEMENT"), (400, "FILE_TYPE"),
        (413, "FILE_TOO_LARGE"),
    ]  # fmt: skip
    assert not StoredFile.objects.exists()
    assert attach(api(cast("eve")), change).status_code == 404


def test_fifty_megabytes_are_refused_before_they_are_read(cast, api, change, as_user):
    """Neither door stores anything, and the answer names the bound."""
    body = file(content=b"x" * 50_000_000)
    refused = api(cast("ada")).post(at(change, "attach/"), {"kind": "test_evidence", "file": body}, format="multipart")
    assert (refused.status_code, refused.json()["code"]) == (413, "BODY_TOO_LARGE")
    body.seek(0)
    page = as_user(cast("ada")).post(f"/changes/{change.key}/evidence/attach/", {"kind": "test_evidence", "file": body})
    assert page.status_code == 413
    assert not StoredFile.objects.exists()


def test_a_file_is_downloaded_by_those_who_may_read_the_change_and_never_shown(cast, api, as_user, change):
    attach_evidence(change, kind="test_evidence", content=REPORT, name="Bericht Ä.txt", now=cast.now, actor=cast("ada"))
    piece = change.evidence["test_evidence"][0]["id"]
    addresses = (f"/changes/{change.key}/evidence/{piece}/", at(change, f"{piece}/content/"))
    for address in addresses:
        got = as_user(cast("di")).get(address)
        assert (got.status_code, got.content, got["Content-Type"]) == (200, REPORT, "text/plain")
        assert (
            got["Content-Disposition"]
            == "attachment; filename=\"Bericht _.txt\"; filename*=UTF-8''Bericht%20%C3%84.txt"
        )
        assert got["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in got["Content-Security-Policy"]
        assert as_user(cast("eve")).get(address).status_code == 404
    link = change.evidence["downtime_procedure"][0]["id"]
    assert as_user(cast("di")).get(f"/changes/{change.key}/evidence/{link}/").status_code == 404


def test_the_page_shows_each_kind_and_takes_what_is_missing(cast, as_user, change):
    ada, url = as_user(cast("ada")), f"/changes/{change.key}/"
    shown = ada.get(url).content.decode()
    assert "Evidence is not given yet: Test report, Backout plan." in shown
    assert f'action="{url}evidence/attach/"' in shown
    assert "Computed" in shown
    wrong = ada.post(f"{url}evidence/link/", {"kind": "test_evidence", "url": "http://wiki.example/x"})
    assert wrong.status_code == 400
    assert 'value="http://wiki.example/x"' in wrong.content.decode()
    done = ada.post(f"{url}evidence/attach/", {"kind": "test_evidence", "file": file()})
    assert (done.status_code, done["Location"]) == (302, f"{url}#evidence")
    ada.post(f"{url}evidence/link/", {"kind": "backout_plan", "url": "https://wiki.example/b"})
    assert ChangeRequest.objects.get().state == "AUTHORIZE"
    read = as_user(cast("di")).get(url).content.decode()
    assert "report.txt" in read
    assert "evidence/attach/" not in read
