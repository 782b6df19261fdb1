"""``manage.py seed_tables``: the board's first policy, once."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from governance.models import AuditEvent, DecisionTable

POLICY = Path(__file__).resolve().parents[3] / "demo" / "policy" / "tables.json"

pytestmark = pytest.mark.django_db


def test_the_policy_file_comes_into_force_once():
    said = StringIO()
    call_command("seed_tables", POLICY, stdout=said)
    assert sorted(DecisionTable.objects.active().values_list("key", flat=True)) == [
        "approval", "decision_rights", "pattern_verdict", "resilience",
    ]  # fmt: skip
    recorded = AuditEvent.objects.count()
    call_command("seed_tables", POLICY, stdout=said)
    assert AuditEvent.objects.count() == recorded
    assert said.getvalue().count("is active") == 8


@pytest.mark.parametrize("content", ["not json", "[]", '{"t": {}}', '{"t": {"key": "t", "version": "1", "hit": "Z"}}'])
def test_what_is_no_policy_is_refused_with_a_sentence(tmp_path, content):
    wrong = tmp_path / "policy.json"
    wrong.write_text(content)
    with pytest.raises(CommandError):
        call_command("seed_tables", wrong)
    assert not DecisionTable.objects.exists()
