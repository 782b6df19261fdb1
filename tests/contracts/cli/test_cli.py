"""The command line as a pipeline runs it: a process of its own against a served instance."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..conftest import STORIES

CLI = Path(__file__).resolve().parents[3] / "contracts" / "cli"
KEY = "IF-SUR-003"


@pytest.fixture
def interlock(live_server, pipeline):
    """Run ``interlock ...``; returns exit code, output and errors."""
    token = pipeline.secret()

    def run(*arguments, stdin=b"", **environment):
        given = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(CLI), "PYTHONIOENCODING": "utf-8",
            "INTERLOCK_URL": live_server.url, "INTERLOCK_TOKEN": token, **environment,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "interlock_cli", *map(str, arguments)],
            input=stdin, env=given, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


@pytest.fixture
def schema():
    return lambda name: STORIES / f"implant_used_{name}.json"


def test_check_says_yes_no_and_unknown(transactional_db, published, interlock, schema, tmp_path):
    exit_code, text, _ = interlock("check", "--contract", KEY, "--file", schema("1_5_0_ok"), "--version", "1.5.0")
    assert (exit_code, text.splitlines()[0]) == (0, f"{KEY} 1.5.0: compatible, level MINOR, mode BACKWARD")
    assert interlock("check", "--contract", KEY, "--file", schema("1_5_0_ok"))[0] == 0
    assert interlock("check", "--contract", KEY, "--file", schema("1_5_0_ok"), "--version", "1.4.1")[0] == 1
    exit_code, text, _ = interlock(
        "check", "--contract", KEY, "--file", schema("1_5_0_candidate"), "--version", "1.5.0", "--format", "json"
    )
    assert (exit_code, json.loads(text)["level"]) == (1, "MAJOR")
    broken = tmp_path / "broken.json"
    broken.write_text('{"type": "objekt"}')
    exit_code, text, _ = interlock("check", "--contract", KEY, "--file", broken)
    assert (exit_code, "UNPARSABLE" in text, "/type" in text) == (3, True, True)


def test_publish_posts_for_review_or_says_what_stands_against_it(transactional_db, published, interlock, schema):
    def publish(name, version):
        return interlock("publish", "--contract", KEY, "--file", schema(name), "--version", version)

    exit_code, text, _ = publish("1_5_0_candidate", "1.5.0")
    assert (exit_code, text.partition(":")[0]) == (1, "BUMP_TOO_SMALL")
    assert publish("1_5_0_candidate", "2.0.0")[:2] == (0, f"{KEY} 2.0.0 posted: IN_REVIEW, level MAJOR\n")
    assert publish("1_5_0_candidate", "2.0.0")[:2] == (0, f"{KEY} 2.0.0 was there already: IN_REVIEW, level MAJOR\n")
    exit_code, text, _ = publish("1_4_1", "2.0.0")
    assert (exit_code, text.partition(":")[0]) == (1, "VERSION_EXISTS")


def test_validate_one_payload_and_many(transactional_db, published, interlock):
    exit_code, text, _ = interlock("validate", "--contract", KEY, "--file", "-", stdin=b'{"quantity": "two"}')
    assert (exit_code, text.splitlines()[0]) == (1, f"{KEY} 1.4.0: not valid")
    exit_code, text, _ = interlock("validate", "--contract", KEY, "--ndjson", "-", stdin=b"{}\n{broken\n")
    assert (exit_code, text.splitlines()[0]) == (1, f"{KEY} 1.4.0: 0 of 2 valid")
    assert interlock("validate", "--contract", KEY, "--ndjson", "-", stdin=b"")[0] == 0


def test_what_cannot_be_asked_is_two(transactional_db, published, interlock, schema):
    check = ("check", "--contract", KEY, "--file", schema("1_4_1"))
    assert interlock()[0] == 2
    assert interlock("check", "--contract", KEY)[0] == 2
    assert interlock(*check, INTERLOCK_TOKEN="")[::2] == (2, "interlock: Set INTERLOCK_TOKEN in the environment.\n")
    assert interlock(*check, INTERLOCK_URL="file:///etc")[0] == 2
    assert interlock(*check, INTERLOCK_URL="http://127.0.0.1:9")[0] == 2
    exit_code, _, said = interlock(*check, INTERLOCK_TOKEN="wrong")
    assert (exit_code, said.startswith("interlock: TOKEN_UNKNOWN: ")) == (2, True)
    exit_code, _, said = interlock("check", "--contract", "IF-NO-999", "--file", schema("1_4_1"))
    assert (exit_code, said.startswith("interlock: NOT_FOUND: ")) == (2, True)
    assert interlock("check", "--contract", KEY, "--file", "/no/such/file")[0] == 2


def test_what_it_does_is_recorded_as_done_by_the_cli(transactional_db, published, interlock, schema):
    from governance.models import AuditEvent

    interlock("publish", "--contract", KEY, "--file", schema("1_4_1"), "--version", "1.4.1")
    assert AuditEvent.objects.filter(action="contracts.version.post").values_list("via", flat=True).get() == "CLI"


def test_the_gate_names_what_is_missing(transactional_db, published, interlock):
    exit_code, text, said = interlock("gate", "--interface", KEY, "--version", "1.5.0", "--format", "json")
    answer = json.loads(text)
    assert (answer["deployable"], exit_code, said) == ({1: False, 3: None}[exit_code], exit_code, "")
    assert all({"code", "message", "name"} <= set(reason) for reason in answer["reasons"])
    exit_code, text, _ = interlock("gate", "--interface", KEY, "--version", "1.5.0")
    assert text.startswith(f"{KEY} 1.5.0: not ")
    assert interlock("gate", "--interface", "IF-NO-999", "--version", "1.5.0")[0] == 2


def test_a_version_that_is_no_number_is_wrong_usage(transactional_db, interlock):
    gate, validate = ["gate", "--interface", KEY], ["validate", "--contract", KEY, "--file", "-"]
    for question, asked in [(gate, "abc"), (gate, "1.5"), (gate, "1.5.0-rc1"), (gate, "01.5.0"), (validate, "")]:
        exit_code, text, said = interlock(*question, "--version", asked)
        assert (exit_code, text, "a version is MAJOR.MINOR.PATCH, such as 1.5.0" in said) == (2, "", True)


def test_the_folder_runs_where_nothing_is_installed(schema):
    """README's way; and a command line that cannot even begin ends with 2, never with the 1 that means "no"."""
    folder = CLI / "interlock_cli"
    asked = [sys.executable, str(folder), "check", "--contract", KEY, "--file", str(schema("1_5_0_ok"))]
    nowhere = {"PATH": os.environ["PATH"], "INTERLOCK_URL": "http://127.0.0.1:9", "INTERLOCK_TOKEN": "none"}
    done = subprocess.run(asked, env=nowhere, capture_output=True, timeout=60, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False)


def test_a_fault_of_the_command_line_is_no_answer():
    faulty = "import interlock_cli.main as m; m.main = lambda: 1 / 0; m.run()"
    done = subprocess.run(
        [sys.executable, "-c", faulty], env={"PYTHONPATH": str(CLI)}, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, b"ZeroDivisionError" in done.stderr) == (2, True)
