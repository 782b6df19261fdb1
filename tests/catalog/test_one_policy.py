"""The tables are rows in the database: one edited row speaks through the panel, the API and the command line alike."""

import io
import json
import sys

import pytest
from django.core.management import call_command
from django.urls import reverse

from governance.models import DecisionRule
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db
PATTERN = "MANAGED_FILE_TRANSFER"


def verdicts_everywhere(cast, as_user, api, capsys, monkeypatch):
    """What P13's pattern is called by each of the three doors, for the same facts."""
    told = make.story("IF-SUR-001")
    values = make.story_values(cast, "IF-SUR-001")
    typed = {name: getattr(value, "key", value) for name, value in values.items() if value is not False}
    panel = as_user(cast("ada")).post(reverse("catalog:verdict-panel"), {**typed, "patterns": [PATTERN]})
    answer = api(cast("ada")).post("/api/v1/assessments/", {"facts": told["facts"]}, format="json").json()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(told["facts"]).encode())))
    capsys.readouterr()
    call_command("decide", table="pattern_verdict")
    printed = json.loads(capsys.readouterr().out)
    said = dict(zip(printed["rules"], printed["output"], strict=True))
    shown = next(one for one in panel.context["spoken"] if one.pattern == PATTERN)
    return shown.verdict, answer["verdicts"][PATTERN]["verdict"], said.get("P13", {}).get("verdict")


def test_one_edited_rule_changes_panel_api_and_command_alike(cast, as_user, api, seed_tables, capsys, monkeypatch):
    before = verdicts_everywhere(cast, as_user, api, capsys, monkeypatch)
    DecisionRule.objects.filter(table=seed_tables["pattern_verdict"], rule_id="P12").delete()
    DecisionRule.objects.filter(table=seed_tables["pattern_verdict"], rule_id="P13").update(
        then={"pattern": PATTERN, "verdict": "RECOMMENDED"}
    )
    after = verdicts_everywhere(cast, as_user, api, capsys, monkeypatch)
    assert (before, after) == (("PROHIBITED",) * 3, ("RECOMMENDED",) * 3)
