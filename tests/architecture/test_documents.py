"""What is documented is what there is: settings, error codes, the OpenAPI file."""

import re

from .tree import ROOT, modules

CODE = re.compile(r'code="([A-Z][A-Z0-9_]{2,})"')


def test_every_setting_is_documented():
    read = set(re.findall(r'(?:text|flag|number|listed)\(\s*"([A-Z_]+)"', (ROOT / "governance/settings.py").read_text()))
    told = set(re.findall(r"^\| `([A-Z_]+)` ", (ROOT / "docs/guides/settings.md").read_text(), re.M))
    assert sorted(read - told) == []


def test_every_error_code_is_documented():
    raised = {code for module in modules() for code in CODE.findall(module.path.read_text())}
    told = set(re.findall(r"`([A-Z][A-Z0-9_]{2,})`", (ROOT / "docs/guides/errors.md").read_text()))
    assert sorted(raised - told) == []
