"""A version's life: what is refused, what is fixed, and what publishing brings about."""

import datetime as dt

import pytest

from catalog.models import ReadinessFact
from contracts.domain.contracts import edit_contract, open_contract
from contracts.domain.versions import (
    approve_version,
    draft_version,
    post_version,
    publish_version,
    reject_version,
    reopen_version,
    revise_version,
    submit_version,
)
from contracts.models import ContractVersion, Document
from governance.domain.audit import history_of
from governance.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, NotReady, WrongState

from ..conftest import NOW, document, mandate, settled


def post(contract, actor, version, text):
    return post_version(contract, version=version, text=text, now=NOW, actor=actor)


def refusal(kind, call):
    with pytest.raises(kind) as refused:
        call()
    return refused.value


def test_open_contract_is_for_the_interfaces_people_and_happens_once(hospital):
    def attempt(actor):
        return open_contract(hospital.interface, format="json_schema", now=NOW, actor=actor)

    assert refusal(NotFound, lambda: attempt(hospital.outsider)).code == "NOT_FOUND"
    assert refusal(NotAllowed, lambda: attempt(hospital.viewer)).code == "NOT_ALLOWED"
    assert attempt(hospital.arch).key == "IF-SUR-003"
    assert refusal(Conflict, lambda: attempt(hospital.arch)).code == "DUPLICATE"


def test_open_contract_refuses_a_format_and_a_mode_that_do_not_exist(hospital):
    error = refusal(
        Invalid, lambda: open_contract(hospital.interface, format="cobol", mode="X", now=NOW, actor=hospital.arch)
    )
    assert sorted(error.errors) == ["format", "mode"]


def test_edit_contract_changes_the_mode_and_nothing_else(contract, hospital):
    edit_contract(contract, mode="FULL", now=NOW, actor=hospital.arch)
    contract.refresh_from_db()
    assert (contract.mode, contract.revision) == ("FULL", 2)
    error = refusal(Invalid, lambda: edit_contract(contract, key="IF-X-001", now=NOW, actor=hospital.arch))
    assert error.errors == {"key": ["cannot be changed"]}


def test_a_breaking_change_declared_minor_is_refused_with_the_result_and_nothing_is_stored(published, pipeline):
    error = refusal(NotReady, lambda: post(published.contract, pipeline.user, "1.5.0", document("1_5_0_candidate")))
    assert error.code == "BUMP_TOO_SMALL"
    result = error.details["result"]
    assert (result["verdict"], result["level"], result["suggested_version"]) == ("breaking", "MAJOR", "2.0.0")
    assert result["bump"] == {
        "from": "1.4.0", "declared": "MINOR", "computed": "MAJOR", "enough": False, "reason": "",
    }  # fmt: skip
    assert ContractVersion.objects.count() == 1
    assert Document.objects.count() == 1


@pytest.mark.parametrize(
    ("version", "name", "level"),
    [("1.4.1", "1_4_1", "PATCH"), ("1.5.0", "1_5_0_ok", "MINOR"), ("2.0.0", "2_0_0", "MAJOR")],
)
def test_a_bump_that_is_enough_goes_to_review(published, pipeline, version, name, level):
    row, made = post(published.contract, pipeline.user, version, document(name))
    assert (row.state, row.level, made, row.declared_by) == ("IN_REVIEW", level, True, pipeline.user)
    assert row.report.result["accepted"] is True
    assert [event.action for event in history_of(row)] == ["contracts.version.post"]


def test_the_same_number_is_the_same_document_or_a_conflict(published, hospital):
    spaced = document("1_4_0") + b"\n  "
    assert post(published.contract, hospital.arch, "1.4.0", spaced) == (published, False)
    error = refusal(Conflict, lambda: post(published.contract, hospital.arch, "1.4.0", document("1_4_1")))
    assert (error.code, error.details["state"]) == ("VERSION_EXISTS", "PUBLISHED")


def test_a_number_that_goes_back_is_refused(published, hospital):
    error = refusal(Invalid, lambda: post(published.contract, hospital.arch, "1.3.9", document("1_4_1")))
    assert error.code == "VERSION_NOT_NEWER"


@pytest.mark.parametrize("version", ["1.4", "v1.0.0", "01.0.0", "1.0.0-rc1", "9999999999.0.0", "", "1.0.0\n"])
def test_a_number_that_is_none_is_refused(contract, hospital, version):
    error = refusal(Invalid, lambda: post(contract, hospital.arch, version, document("1_4_0")))
    assert (error.code, list(error.errors)) == ("BAD_VERSION", ["version"])


def test_an_unreadable_document_is_refused_with_its_cause(contract, hospital):
    error = refusal(NotReady, lambda: post(contract, hospital.arch, "1.0.0", b'{"type": "strin"}'))
    assert (error.code, error.details["cause"], list(error.errors)) == ("UNPARSABLE", "INVALID_SCHEMA", ["/type"])


def test_what_cannot_be_compared_does_not_pass_unless_nothing_is_enforced(hospital):
    contract = open_contract(hospital.interface, format="avro", now=NOW, actor=hospital.arch)
    first, _ = post(contract, hospital.arch, "1.0.0", b'{"type": "string"}')
    assert first.state == "IN_REVIEW"
    error = refusal(NotReady, lambda: post(contract, hospital.arch, "2.0.0", b'{"type": "int"}'))
    assert (error.code, error.details["result"]["reason"]) == ("NOT_ANALYSED", "NO_CHECKER")
    edit_contract(contract, mode="NONE", now=NOW, actor=hospital.arch)
    row, _ = post(contract, hospital.arch, "2.0.0", b'{"type": "int"}')
    assert (row.level, row.report.result["enforced"]) == ("UNKNOWN", False)


def test_writing_is_for_the_interfaces_people(contract, hospital):
    assert (
        refusal(NotAllowed, lambda: post(contract, hospital.viewer, "1.0.0", document("1_4_0"))).code == "NOT_ALLOWED"
    )
    assert refusal(NotFound, lambda: post(contract, hospital.outsider, "1.0.0", document("1_4_0"))).code == "NOT_FOUND"


def test_a_draft_is_revised_and_its_content_is_fixed_from_review_on(published, hospital):
    contract = published.contract
    draft = draft_version(contract, version="1.5.0", text=document("1_5_0_candidate"), now=NOW, actor=hospital.arch)
    assert (draft.state, draft.level) == ("DRAFT", "MAJOR")
    error = refusal(NotReady, lambda: submit_version(draft, now=NOW, actor=hospital.arch))
    assert (error.code, draft.state) == ("BUMP_TOO_SMALL", "DRAFT")
    revise_version(draft, text=document("1_5_0_ok"), now=NOW, actor=hospital.arch)
    submit_version(draft, now=NOW, actor=hospital.arch)
    assert (draft.state, draft.level) == ("IN_REVIEW", "MINOR")
    error = refusal(WrongState, lambda: revise_version(draft, text=document("1_4_1"), now=NOW, actor=hospital.arch))
    assert error.details == {"state": "IN_REVIEW"}


def test_posting_a_draft_of_the_same_bytes_submits_it(contract, hospital):
    draft = draft_version(contract, version="1.4.0", text=document("1_4_0"), now=NOW, actor=hospital.arch)
    row, made = post(contract, hospital.arch, "1.4.0", document("1_4_0"))
    assert (row, row.state, made) == (draft, "IN_REVIEW", False)


def test_publishing_tells_the_interface_and_gives_the_former_version_its_sunset(published, hospital):
    new, _ = post(published.contract, hospital.arch, "2.0.0", document("2_0_0"))
    approve_version(new, mandate=mandate(new, "approve"), now=NOW, actor=hospital.system)
    publish_version(new, mandate=mandate(new, "apply"), now=NOW, actor=hospital.system)
    published.refresh_from_db()
    new.refresh_from_db()
    assert (new.state, new.published_at) == ("PUBLISHED", NOW)
    assert (published.state, published.sunset_on) == ("DEPRECATED", NOW.date() + dt.timedelta(days=180))
    facts = ReadinessFact.objects.filter(interface=hospital.interface).order_by("requirement")
    assert [(fact.requirement, fact.reason, fact.source) for fact in facts] == [
        ("contract_approved", "IF-SUR-003 2.0.0 was approved.", "CR-2026-0042"),
        ("contract_published", "IF-SUR-003 2.0.0 was published.", "CR-2026-0042"),
    ]
    assert history_of(published).last().mandate == "CR-2026-0042"


def test_approving_and_publishing_need_the_right_mandate(published, hospital):
    new, _ = post(published.contract, hospital.arch, "1.5.0", document("1_5_0_ok"))
    for wrong in (mandate(published, "approve"), mandate(new, "apply")):
        error = refusal(
            NotAllowed, lambda given=wrong: approve_version(new, mandate=given, now=NOW, actor=hospital.arch)
        )
        assert error.code == "MANDATE"
    refusal(WrongState, lambda: publish_version(new, mandate=mandate(new, "apply"), now=NOW, actor=hospital.arch))
    new.refresh_from_db()
    assert new.state == "IN_REVIEW"


def test_publishing_compares_again_when_another_version_came_between(published, hospital):
    late, _ = post(published.contract, hospital.arch, "1.5.0", document("1_5_0_ok"))
    approve_version(late, mandate=mandate(late, "approve"), now=NOW, actor=hospital.arch)
    settled(
        draft_version(published.contract, version="2.0.0", text=document("2_0_0"), now=NOW, actor=hospital.arch),
        hospital.arch,
    )
    error = refusal(
        Invalid, lambda: publish_version(late, mandate=mandate(late, "apply"), now=NOW, actor=hospital.arch)
    )
    assert error.code == "VERSION_NOT_NEWER"


def test_a_rejected_version_is_asked_for_again_unchanged(published, hospital):
    new, _ = post(published.contract, hospital.arch, "1.5.0", document("1_5_0_ok"))
    reject_version(new, reason="Not now", mandate=mandate(new, "reject"), now=NOW, actor=hospital.system)
    assert new.state == "REJECTED"
    reopen_version(new, now=NOW, actor=hospital.arch)
    assert new.state == "IN_REVIEW"
