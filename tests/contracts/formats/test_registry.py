"""Modes, formats without a checker, and version numbers."""

import pytest

from contracts.formats.base import Level, Mode, Verdict
from contracts.formats.registry import FORMATS, compare_versions, format_named
from contracts.formats.semver import bump_is_enough, declared_bump, suggest_version
from governance.kernel.errors import DomainError, Invalid, Malformed, NotFound

from .documents import document

NARROW, MIDDLE, WIDE = ({"type": "integer", "minimum": bound} for bound in (3, 2, 1))


@pytest.mark.parametrize(
    ("mode", "verdict", "checked"),
    [
        (Mode.BACKWARD, "compatible", [("1.10.0", "backward", "compatible")]),
        (Mode.FORWARD, "breaking", [("1.10.0", "forward", "breaking")]),
        (Mode.FULL, "breaking", [("1.10.0", "backward", "compatible"), ("1.10.0", "forward", "breaking")]),
        (Mode.BACKWARD_TRANSITIVE, "breaking",
         [("1.10.0", "backward", "compatible"), ("1.9.0", "backward", "breaking")]),
        (Mode.FORWARD_TRANSITIVE, "breaking",
         [("1.10.0", "forward", "breaking"), ("1.9.0", "forward", "compatible")]),
    ],
)  # fmt: skip
def test_a_mode_says_which_versions_and_directions(mode, verdict, checked):
    earlier = [("1.9.0", document(WIDE)), ("1.10.0", document(NARROW))]
    report = compare_versions("json_schema", document(MIDDLE), earlier, mode)
    assert (report.verdict, report.enforced) == (verdict, True)
    assert [(each.version, each.direction, each.verdict) for each in report.checked] == checked


def test_mode_none_reports_and_does_not_enforce():
    report = compare_versions("json_schema", document(NARROW), [("1.0.0", document(WIDE))], Mode.NONE)
    assert (report.verdict, report.level, report.enforced, report.passes) == ("breaking", "MAJOR", False, True)


def test_a_first_version_has_nothing_to_break():
    report = compare_versions("json_schema", document(WIDE), [], Mode.FULL)
    assert (report.verdict, report.level, report.passes) == (Verdict.COMPATIBLE, Level.NONE, True)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json_schema"])
def test_a_format_without_a_checker_never_passes(name):
    kept = format_named(name)
    text = b"<a/>" if name == "xsd" else b'{"a": 1}'
    report = compare_versions(name, kept.parse(text), [("1.0.0", kept.parse(text))], Mode.BACKWARD)
    assert (report.verdict, report.reason, report.passes) == (Verdict.UNKNOWN, "NO_CHECKER", False)
    with pytest.raises(Malformed) as caught:
        kept.parse(b"<a>")
    assert caught.value.code == "NOT_WELL_FORMED"
    with pytest.raises(DomainError, match="No validator"):
        kept.validate(kept.parse(text), {})


def test_xml_may_not_declare_a_document_type():
    bomb = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    with pytest.raises(Malformed):
        format_named("xsd").parse(bomb)
    with pytest.raises(DomainError) as caught:
        format_named("xsd").parse(b"<a>" * 5000)
    assert caught.value.code == "TOO_DEEP"


def test_an_unknown_format_is_named():
    with pytest.raises(NotFound) as caught:
        format_named("cobol")
    assert caught.value.code == "UNKNOWN_FORMAT"


def test_version_numbers_declare_and_suggest():
    assert [declared_bump("1.4.0", new) for new in ("2.0.0", "1.5.0", "1.4.1", "1.4.0")] == [
        Level.MAJOR, Level.MINOR, Level.PATCH, Level.NONE,
    ]  # fmt: skip
    assert [suggest_version("1.4.2", level) for level in ("MAJOR", "MINOR", "PATCH", "NONE", "UNKNOWN")] == [
        "2.0.0", "1.5.0", "1.4.3", "1.4.2", "2.0.0",
    ]  # fmt: skip
    assert bump_is_enough(Level.MAJOR, Level.MINOR)
    assert not bump_is_enough(Level.MINOR, Level.MAJOR)
    assert not bump_is_enough(Level.MAJOR, Level.UNKNOWN)
    for bad in ("1.4", "v1.4.0", "01.4.0", "1.4.0-rc1", "1.4.x", "9" * 50 + ".0.0"):
        with pytest.raises(Invalid):
            declared_bump("1.4.0", bad)
    with pytest.raises(Invalid) as caught:
        declared_bump("1.4.0", "1.3.9")
    assert caught.value.code == "VERSION_NOT_NEWER"
