"""Findings: raised once, kept until fixed, waived or shown to be none, each step in the audit."""

import pytest

from catalog.domain.findings import (
    dismiss_finding,
    findings_of,
    findings_on,
    fix_finding,
    raise_finding,
    reopen_finding,
    report_finding,
    restore_finding,
    settle_finding,
    settle_others,
    waive_finding,
)
from catalog.models import Finding
from governance.domain.audit import history_of
from governance.kernel.errors import Invalid, NotAllowed, WrongState
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def interface(cast):
    return make.owned(cast, make.interface(cast))


def found(cast, interface, **values):
    said = {
        "code": "PATTERN_PROHIBITED", "severity": "ERROR", "message": "A point-to-point link carries PHI.",
        "source": "pattern_verdict 1.1", "details": {"pattern": "POINT_TO_POINT"}, **values,
    }  # fmt: skip
    return raise_finding(interface, now=cast.now, actor=cast.clock, **said)


def steps(finding):
    return [event.action.rsplit(".", 1)[1] for event in history_of(finding)]


def test_found_twice_it_is_one_finding_and_one_audit_row(cast, interface):
    first = found(cast, interface)
    assert found(cast, interface) == first
    assert (Finding.objects.count(), steps(first)) == (1, ["raise"])


def test_what_an_open_finding_says_is_brought_up_to_date(cast, interface):
    found(cast, interface)
    later = found(cast, interface, severity="WARNING", source="pattern_verdict 1.2")
    assert (later.severity, later.source, later.revision, Finding.objects.count()) == (
        "WARNING", "pattern_verdict 1.2", 2, 1,
    )  # fmt: skip
    assert steps(later) == ["raise", "raise"]


def test_different_fingerprints_are_different_findings(cast, interface):
    one, two = found(cast, interface), found(cast, interface, fingerprint="f" * 64)
    assert one != two
    assert settle_others(interface, code=one.code, besides=["f" * 64], reason="Gone.", now=cast.now, actor=cast.clock)
    assert list(findings_on(interface)) == [two]


def test_what_was_fixed_and_comes_back_is_the_same_finding_opened_again(cast, interface):
    first = settle_finding(found(cast, interface), reason="It is mended.", now=cast.now, actor=cast.clock)
    assert (first.state, first.settled_at) == ("FIXED", cast.now)
    again = found(cast, interface)
    assert (again.pk, again.state, again.settled_at) == (first.pk, "OPEN", None)
    assert steps(again) == ["raise", "fix", "reopen"]


def test_a_waived_finding_is_not_raised_again_until_its_waiver_ends(cast, interface):
    waived = waive_finding(found(cast, interface), waiver="WV-2026-0001", now=cast.now, actor=cast.clock)
    assert found(cast, interface).state == "WAIVED"
    opened = reopen_finding(waived, reason="WV-2026-0001 expired.", now=cast.now, actor=cast.clock)
    assert (opened.state, opened.waiver) == ("OPEN", "")
    for key in ("WV-2026-0002", "WV-2026-0003"):
        waive_finding(opened, waiver=key, now=cast.now, actor=cast.clock)
    assert (opened.state, opened.waiver) == ("WAIVED", "WV-2026-0003")
    settle_finding(opened, reason="It is mended.", now=cast.now, actor=cast.clock)
    with pytest.raises(WrongState):
        waive_finding(opened, waiver="WV-2026-0004", now=cast.now, actor=cast.clock)


def test_a_false_positive_is_said_by_others_than_its_owner_and_stays_said(cast, interface):
    finding = found(cast, interface)
    with pytest.raises(NotAllowed):
        dismiss_finding(finding, reason="We know better.", now=cast.now, actor=cast("abe"))
    with pytest.raises(Invalid) as refused:
        dismiss_finding(finding, reason=" ", now=cast.now, actor=cast("pam"))
    assert list(refused.value.errors) == ["reason"]
    dismiss_finding(finding, reason="The link ended in May.", now=cast.now, actor=cast("pam"))
    assert (finding.state, found(cast, interface).state) == ("FALSE_POSITIVE", "FALSE_POSITIVE")
    restore_finding(finding, reason="It did not end.", now=cast.now, actor=cast("pam"))
    assert Finding.objects.get().state == "OPEN"


def test_a_person_settles_only_what_a_person_reported(cast, interface):
    with pytest.raises(NotAllowed) as refused:
        fix_finding(found(cast, interface), reason="Done", now=cast.now, actor=cast("abe"))
    assert refused.value.code == "FINDING_COMPUTED"
    said = {"severity": "WARNING", "now": cast.now, "actor": cast("oz")}
    one = report_finding(interface, message="The runbook names a closed ward.", **said)
    assert report_finding(interface, message="the runbook names a closed ward. ", **said) == one
    assert fix_finding(one, reason="It names the new ward.", now=cast.now, actor=cast("abe")).state == "FIXED"


def test_what_is_reported_says_how_bad_and_what(cast, interface):
    with pytest.raises(Invalid) as refused:
        report_finding(interface, severity="INFO", message="", now=cast.now, actor=cast("oz"))
    assert sorted(refused.value.errors) == ["message", "severity"]


def test_findings_are_seen_with_their_interface_only(cast, interface):
    finding = found(cast, interface)
    assert [list(findings_of(cast(name))) for name in ("uma", "eve")] == [[finding], []]


def test_the_worst_stands_first(cast, interface):
    for severity in ("NOTE", "ERROR", "WARNING"):
        found(cast, interface, severity=severity, code=severity, fingerprint="")
    assert [one.severity for one in findings_on(interface)] == ["ERROR", "WARNING", "NOTE"]
