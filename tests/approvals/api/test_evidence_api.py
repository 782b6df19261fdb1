"""Evidence over HTTP: given by form and by program, downloaded by those who may read the change, refused by name."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT

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
    body = {"kind": kind, "file": file(**how)}
    return client.post(at(change, "attach/"), body, content_type=MULTIPART_CONTENT) if False else client.post(
        at(change, "attach/"), body, format="multipart"
    )


def test_a_program_gives_what_is_missing_and_its_change_goes_on(cast, api, change):
    ada = api(cast("ada"))
    listed = {one["kind"]: one for one in ada.get(at(change, "")).json()}
    assert (listed["test_evidence"]["status"], listed["test_evidence"]["rules"]) == ("MISSING", ["A02"])
    assert (listed["impact_list"]["status"], listed["impact_list"]["source"]) == ("COMPUTED", "COMPUTED")
