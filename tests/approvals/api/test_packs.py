"""Audit packs through the doors: who may take one, that it verifies far from here, and that a forged chain shows."""

import io
import json
import subprocess
import sys
import zipfile

import pytest
from django.db import connection

from governance.domain import audit_triggers, packing
from governance.formats import verify_pack
from governance.models import AuditEvent
from tests.factories.showcase import shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]


@pytest.fixture
def stage(cast):
    return shown(cast, 1, submitted=True)


def taken(answer, tmp_path):
    """The file that came, verified by the program that is downloaded, in a process that knows nothing of Interlock."""
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    path = tmp_path / "pack.zip"
    path.write_bytes(b"".join(answer.streaming_content))
    return path


def verified(path, *arguments):
    command = [sys.executable, "-I", "-S", verify_pack.__file__, str(path), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read(path, name):
    with zipfile.ZipFile(path) as pack:
        return pack.read(name).decode()


def events_in(path):
    return [json.loads(line) for line in read(path, "events.ndjson").splitlines()]


def test_a_change_as_a_pack_tells_its_whole_story_and_verifies(stage, api, gus, tmp_path):
    client, change = api(gus), stage.change
    key = client.get("/api/v1/audit/key/").json()
    path = taken(client.get(f"/api/v1/changes/{change.key}/audit-pack/"), tmp_path)
    proof = verified(path, "--key-id", key["key_id"])
    assert (proof.returncode, proof.stderr) == (0, "")
    history = client.get(f"/api/v1/changes/{change.key}/history/").json()
    assert [event["seq"] for event in events_in(path)] == [step["seq"] for step in history]
    assert len(history) >= 2
    [row] = json.loads(read(path, "records/changes.json"))
    assert (row["key"], row["state"]) == (change.key, change.state)
    assert len(json.loads(read(path, "records/requirements.json"))) == change.requirements.count() > 0
    assert "approvals.change.submit" in read(path, "story.txt")


def test_an_interface_as_a_pack_holds_its_parts_and_its_changes(stage, api, gus, tmp_path):
    path = taken(api(gus).get(f"/api/v1/interfaces/{stage.interface.key}/audit-pack/"), tmp_path)
    assert verified(path).returncode == 0
    kinds = {event["subject_type"] for event in events_in(path)}
    assert kinds >= {
        "catalog.interface",
        "catalog.interfacebinding",
        "contracts.contractversion",
        "approvals.changerequest",
    }
    assert json.loads(read(path, "records/interface.json"))[0]["key"] == stage.interface.key


def test_a_quarter_as_a_pack_holds_everything_of_it_and_nothing_else(stage, api, gus, tmp_path):
    spring = AuditEvent.objects.filter(at__year=2026, at__month__in=[4, 5, 6])
    wanted = list(spring.values_list("seq", flat=True))
    path = taken(api(gus).get("/api/v1/audit/packs/2026-Q2/"), tmp_path)
    assert verified(path).returncode == 0
    assert [event["seq"] for event in events_in(path)] == wanted
    assert wanted != []


@pytest.mark.parametrize("quarter", ["2026-Q5", "2026", "0000-Q1", "Q2-2026", "9999-Q4"])
def test_what_is_no_quarter_is_refused_by_name(api, gus, quarter):
    answer = api(gus).get(f"/api/v1/audit/packs/{quarter}/")
    assert (answer.status_code, answer.json()["errors"]) == (400, {"quarter": ["such as 2026-Q2"]})


def test_a_quarter_of_which_nothing_is_recorded_is_refused(api, gus):
    answer = api(gus).get("/api/v1/audit/packs/1999-Q4/")
    assert (answer.status_code, answer.json()["code"]) == (400, "NOTHING_RECORDED")


@pytest.mark.parametrize("name", ["ada", "bo", "ivy", "max"])
def test_only_auditors_and_administrators_take_packs(stage, cast, api, name):
    client = api(cast(name))
    paths = [f"/api/v1/changes/{stage.change.key}/audit-pack/", "/api/v1/audit/packs/2026-Q2/"]
    before = AuditEvent.objects.count()
    assert {client.get(path).status_code for path in paths} <= {403, 404}
    assert client.get(paths[1]).status_code == 403
    assert AuditEvent.objects.count() == before


def test_taking_a_pack_is_itself_recorded_with_the_files_digest(stage, api, gus, tmp_path):
    answer = api(gus).get(f"/api/v1/changes/{stage.change.key}/audit-pack/")
    path = taken(answer, tmp_path)
    event = AuditEvent.objects.latest("seq")
    assert (event.action, event.actor_id, event.via) == ("governance.audit.export", str(gus.pk), "API")
    assert event.after["scope"]["key"] == stage.change.key
    assert event.after["events"] == len(events_in(path))
    assert answer["Content-Disposition"] == f'attachment; filename="audit-{stage.change.key}.zip"'


def test_no_pack_is_made_of_a_chain_that_does_not_hold(stage, api, gus):
    first = AuditEvent.objects.filter(subject_id=str(stage.change.pk)).earliest("seq")
    audit_triggers.remove(connection)
    AuditEvent.objects.filter(seq=first.seq + 1).update(actor_label="Somebody else")
    audit_triggers.install(connection)
    answer = api(gus).get(f"/api/v1/changes/{stage.change.key}/audit-pack/")
    assert (answer.status_code, answer.json()["code"]) == (409, "CHAIN_BROKEN")
    assert f"row {first.seq + 1}" in answer.json()["detail"]


def test_what_others_did_in_between_is_proved_and_not_shown(stage, api, gus, tmp_path):
    path = taken(api(gus).get(f"/api/v1/changes/{stage.change.key}/audit-pack/"), tmp_path)
    links = read(path, "links.txt").splitlines()
    assert len(links) >= len(events_in(path))
    assert all(len(line.split(" ")[1]) == 64 for line in links)
    with zipfile.ZipFile(path) as pack:
        assert "Immunization" not in "".join(pack.read(name).decode() for name in ("links.txt", "manifest.json"))


def test_the_auditors_pages_offer_packs_and_others_see_no_button(stage, as_user, gus, ada, tmp_path):
    page = as_user(gus).get(f"/changes/{stage.change.key}/").content.decode()
    assert f"/changes/{stage.change.key}/audit-pack/" in page
    assert "audit-pack" not in as_user(ada).get(f"/changes/{stage.change.key}/").content.decode()
    quarters = as_user(gus).get("/audit/packs/").content.decode()
    assert "<option>2026-Q2</option>" in quarters
    asked = as_user(gus).get("/audit/packs/?quarter=2026-Q2", follow=True)
    assert verified(taken(asked, tmp_path)).returncode == 0
    assert as_user(ada).get("/audit/packs/").status_code == 403


def test_the_verifier_that_is_downloaded_is_the_one_that_runs(as_user, ada, stage, api, gus, tmp_path):
    program = tmp_path / "verify_pack.py"
    program.write_bytes(as_user(ada).get("/audit/packs/verifier/").content)
    path = taken(api(gus).get("/api/v1/audit/packs/2026-Q2/"), tmp_path)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as pack:
        assert pack.read("verify_pack.py") == program.read_bytes()
    ran = subprocess.run([sys.executable, "-I", "-S", str(program), str(path)], check=False, capture_output=True)
    assert ran.returncode == 0


def test_a_pack_too_large_for_memory_comes_from_a_file_alike(stage, api, gus, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "KEPT_IN_MEMORY", 0)
    path = taken(api(gus).get(f"/api/v1/changes/{stage.change.key}/audit-pack/"), tmp_path)
    assert verified(path).returncode == 0
