"""The operators' commands, as they are called: streams, sentences and exit codes."""

import io
import json
import os

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from governance.domain import audit_triggers
from governance.management.commands.up import let_probes_reach_the_estate
from governance.models import AuditEvent


@pytest.fixture
def decide(monkeypatch, seed_tables):
    """``decide(key, lines)`` -> the answers and the exit code."""

    def run(key: str, text: bytes) -> tuple[list[dict], int]:
        stdin = io.TextIOWrapper(io.BytesIO(text))
        monkeypatch.setattr("sys.stdin", stdin)
        out, code = io.StringIO(), 0
        try:
            call_command("decide", table=key, stdout=out)
        except SystemExit as ended:
            code = ended.code
        return [json.loads(line) for line in out.getvalue().splitlines()], code

    return run


def test_decide_answers_each_line(decide):
    answers, code = decide("resilience", b'{"tier": 0}\n\n{"tier": 4}\n{"tier": null}')
    assert code == 0
    assert [answer["rules"] for answer in answers] == [["R0"], ["R4"], []]
    assert answers[2]["output"] is None


def test_decide_goes_on_behind_a_bad_line_and_says_so_at_the_end(decide):
    answers, code = decide("resilience", b'{"tier": 0}\n{"tier"\n[1]\n\xff\n{"tier": 1}')
    assert code == 1
    assert [list(answer) for answer in answers] == [
        ["output", "rules"], ["error", "code"], ["error", "code"], ["error", "code"], ["output", "rules"],
    ]  # fmt: skip
    assert [answer.get("code") for answer in answers[1:4]] == ["MALFORMED_JSON", "NOT_AN_OBJECT", "MALFORMED_JSON"]


def test_decide_says_which_tables_there_are(decide):
    with pytest.raises(CommandError, match="No version of table 'other' is in force") as refused:
        decide("other", b"{}")
    assert refused.value.returncode == 2


def test_decide_outputs_a_list_for_a_collecting_table(decide):
    answers, _ = decide("pattern_verdict", b"{}")
    assert isinstance(answers[0]["output"], list)


def test_audit_verify_prints_the_figures(cast, capsys):
    cast("ada")
    call_command("audit_seal")
    call_command("audit_verify")
    rows = AuditEvent.objects.count()
    assert capsys.readouterr().out == f"Sealed at row {rows}.\nThe chain holds: {rows} rows, 1 seals.\n"
    call_command("audit_seal")
    assert capsys.readouterr().out == "Nothing new since the last seal.\n"


def test_audit_verify_names_the_first_broken_row(cast, capsys):
    cast("ada")
    audit_triggers.remove(connection)
    AuditEvent.objects.filter(seq=2).update(reason="altered")
    audit_triggers.install(connection)
    with pytest.raises(SystemExit) as ended:
        call_command("audit_verify")
    assert ended.value.code == 1
    assert capsys.readouterr().err == "BROKEN at row 2: its content does not match its hash.\n"


def test_audit_verify_reads_the_seals_it_is_given(cast, tmp_path, settings, capsys):
    cast("ada")
    call_command("audit_seal")
    kept = tmp_path / "kept.jsonl"
    settings.AUDIT_SEAL_EXPORT.rename(kept)
    call_command("audit_verify", seals=kept)
    assert "1 seals" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no file"):
        call_command("audit_verify", seals=tmp_path / "none")
    kept.write_text("{")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("audit_verify", seals=kept)


@pytest.mark.parametrize(
    ("given", "left"),
    [("", ["127.0.0.0/8", "::1/128"]), ("10.0.0.0/8", ["10.0.0.0/8"])],
)
def test_the_demo_run_opens_loopback_to_probes_unless_the_networks_were_chosen(monkeypatch, settings, given, left):
    monkeypatch.setenv("PROBE_ALLOWED_NETWORKS", given)
    settings.PROBE_ALLOWED_NETWORKS = [given] if given else []
    let_probes_reach_the_estate()
    assert left == settings.PROBE_ALLOWED_NETWORKS
    assert os.environ["PROBE_ALLOWED_NETWORKS"] == ",".join(left)
