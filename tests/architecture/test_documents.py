"""What is documented is what there is: settings, error codes, the OpenAPI file."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from governance.doors.codes import explanations, raised_codes

from .tree import ROOT, modules

CODE = re.compile(r'code="([A-Z][A-Z0-9_]{2,})"')
STATED = re.compile(r'\b(?:Finding|Reason)\(\s*"([A-Z][A-Z0-9_]{2,})"')


def test_every_setting_is_documented():
    read = set(
        re.findall(r'(?:text|flag|number|listed)\(\s*"([A-Z_]+)"', (ROOT / "governance/settings.py").read_text())
    )
    told = set(re.findall(r"^\| `([A-Z_]+)` ", (ROOT / "docs/guides/settings.md").read_text(), re.M))
    assert sorted(read - told) == []


def test_every_error_code_is_documented():
    raised = {code for module in modules() for code in CODE.findall(module.path.read_text())}
    told = set(re.findall(r"`([A-Z][A-Z0-9_]{2,})`", (ROOT / "docs/guides/errors.md").read_text()))
    assert sorted(raised - told) == []


def test_every_finding_and_reason_is_documented():
    stated = {code for module in modules() for code in STATED.findall(module.path.read_text())}
    told = set(re.findall(r"^\| `([A-Z][A-Z0-9_]{2,})` \| [^|\d]", (ROOT / "docs/guides/errors.md").read_text(), re.M))
    assert sorted(stated) == sorted(told)


def test_every_code_of_a_refusal_answers_at_its_address():
    assert sorted(raised_codes() - explanations().keys()) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="bounds of integers differ by engine; the file is SQLite's")
def test_the_committed_openapi_file_is_what_the_code_generates(tmp_path: Path):
    made, said = tmp_path / "openapi.yaml", StringIO()
    call_command("spectacular", file=str(made), validate=True, fail_on_warn=True, stderr=said)
    assert said.getvalue() == ""
    assert made.read_text() == (ROOT / "docs/openapi.yaml").read_text(), "run 'make openapi' and commit the result"
