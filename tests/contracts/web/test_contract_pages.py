"""The contract pages as people use them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contracts.domain.versions import post_version
from contracts.models import Contract, ContractVersion
from governance.models import AuditEvent

from ..conftest import NOW, document

KEY = "IF-SUR-003"
SECRET_VALUE = "MRN-4711-DOE"


def address(name, *rest):
    return reverse(f"contracts:{name}", args=[KEY, *rest])


@pytest.fixture
def architect(as_user, hospital):
    return as_user(hospital.arch)


@pytest.fixture
def successor(published, hospital):
    row, _ = post_version(published.contract, version="2.0.0", text=document("2_0_0"), now=NOW, actor=hospital.arch)
    return row


def test_attaching_a_contract_drafts_its_first_version(architect, hospital):
    given = {"format": "json_schema", "mode": "FULL", "version": "1.4.0", "text": document("1_4_0").decode()}
    answer = architect.post(address("attach"), given)
    assert (answer.status_code, answer["Location"]) == (302, address("version", "1.4.0"))
    version = ContractVersion.objects.get()
    assert (version.state, version.contract.mode) == ("DRAFT", "FULL")
    page = architect.get(address("version", "1.4.0")).content.decode()
    assert "Submit for review" in page
    architect.post(address("submit", "1.4.0"))
    version.refresh_from_db()
    assert version.state == "IN_REVIEW"


def test_an_uploaded_file_is_used_instead_of_the_text(architect, published):
    upload = SimpleUploadedFile("schema.json", document("1_5_0_ok"))
    answer = architect.post(address("attach"), {"version": "1.5.0", "text": "ignored", "upload": upload})
    assert answer.status_code == 302
    assert ContractVersion.objects.get(version="1.5.0").level == "MINOR"


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"version": "1.4.0", "text": ""}, 422, "Type or paste the document"),
        ({"version": "one", "text": "{}"}, 400, "three numbers"),
        ({"version": "1.4.0", "text": '{"type": "objekt"}'}, 422, "/type"),
        ({"version": "1.4.0", "text": '{"$ref": "file:///etc/passwd"}'}, 422, "leads outside the document"),
    ],
)
def test_a_refused_attachment_says_why_and_leaves_nothing_behind(architect, given, status, said):
    answer = architect.post(address("attach"), {"format": "json_schema", "mode": "FULL", **given})
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert Contract.objects.count() == 0
    assert not AuditEvent.objects.filter(action="contracts.contract.attach").exists()


def test_what_is_typed_is_checked_beside_the_form_and_not_stored(architect, published):
    given = {"version": "1.5.0", "text": document("1_5_0_candidate").decode()}
    said = architect.post(address("check"), given, headers={"HX-Request": "true"}).content.decode()
    assert ("The number says too little" in said, "2.0.0" in said) == (True, True)
    assert ContractVersion.objects.count() == 1
    assert "is checked here" in architect.post(address("check"), {"text": " "}).content.decode()


def test_the_contract_page_shows_versions_differences_and_consumers(architect, successor):
    page = architect.get(address("contract")).content.decode()
    assert all(said in page for said in ("1.4.0", "2.0.0", "Supply chain", "Restock and charge", "Try a payload"))
    assert "hurts" in page
    part = architect.get(address("contract"), {"old": "1.4.0", "new": "2.0.0"}, headers={"HX-Request": "true"})
    assert (b"<html" in part.content, b"<ins>" in part.content) == (False, True)
    same = architect.get(address("contract"), {"old": "2.0.0", "new": "2.0.0"}, headers={"HX-Request": "true"})
    assert b"Choose two different versions" in same.content


def test_trying_a_payload_stores_and_repeats_nothing(architect, published):
    before = AuditEvent.objects.count()
    given = {"version": "1.4.0", "payload": f'{{"caseId": "{SECRET_VALUE}"}}'}
    answer = architect.post(address("try"), given)
    assert b"/caseId" in answer.content
    assert SECRET_VALUE.encode() not in answer.content
    assert AuditEvent.objects.count() == before
    assert architect.post(address("try"), {"version": "1.4.0", "payload": "{"}).status_code == 400


def test_a_draft_that_says_too_little_is_not_submitted(architect, published):
    architect.post(address("attach"), {"version": "1.5.0", "text": document("1_5_0_candidate").decode()})
    answer = architect.post(address("submit", "1.5.0"))
    assert (answer.status_code, b"BUMP_TOO_SMALL" in answer.content) == (422, True)
    assert ContractVersion.objects.get(version="1.5.0").state == "DRAFT"


def test_who_sees_and_who_writes(as_user, hospital, published):
    pages = [address("contract"), address("version", "1.4.0"), address("interface-contract"), address("attach")]
    assert [as_user(hospital.outsider).get(page).status_code for page in pages] == [404, 404, 404, 404]
    assert [as_user(hospital.viewer).get(page).status_code for page in pages] == [200, 200, 200, 200]
    assert [as_user(None).get(page).status_code for page in pages] == [302, 302, 302, 302]
    given = {"version": "1.5.0", "text": document("1_5_0_ok").decode()}
    assert as_user(hospital.viewer).post(address("attach"), given).status_code == 403
    assert "New version" not in as_user(hospital.viewer).get(address("contract")).content.decode()


@pytest.mark.parametrize("name", ["contracts", "home-fragment", "search-fragment"])
def test_lists_and_fragments_show_what_the_reader_may_see(as_user, hospital, successor, name):
    for reader, expected in ((hospital.viewer, True), (hospital.outsider, False)):
        said = as_user(reader).get(reverse(f"contracts:{name}"), {"q": "SUR"}).content.decode()
        assert (f"/contracts/{KEY}/" in said) is expected


def test_the_list_is_filtered_and_exported(architect, published):
    listed = reverse("contracts:contracts")
    assert KEY in architect.get(listed, {"in": "json_schema"}).content.decode()
    assert f"/contracts/{KEY}/" not in architect.get(listed, {"in": "avro"}).content.decode()
    exported = b"".join(architect.get(listed, {"format": "csv"}).streaming_content).decode()
    assert exported.splitlines()[1] == f"{KEY},Implant used,JSON Schema,BACKWARD,1.4.0,1.4.0,PUBLISHED"


def test_the_interface_page_offers_to_attach_a_contract(architect, hospital):
    assert address("attach") in architect.get(address("interface-contract")).content.decode()


def test_a_first_version_is_called_so_and_not_a_step_of_none(architect, hospital):
    given = {"format": "json_schema", "mode": "FULL", "version": "1.4.0", "text": document("1_4_0").decode()}
    architect.post(address("attach"), given)
    shown = [architect.get(address(*at)).content.decode() for at in (("version", "1.4.0"), ("contract",))]
    shown.append(architect.get(f"/contracts/of/{KEY}/").content.decode())
    assert [("First version" in one, "</svg>None<" in one) for one in shown] == [(True, False)] * 3


def test_a_version_that_changes_nothing_says_so(architect, published):
    architect.post(address("attach"), {"version": "1.4.1", "text": document("1_4_0").decode()})
    shown = architect.get(address("contract")).content.decode()
    assert (shown.count("No change"), shown.count("First version")) == (1, 1)
