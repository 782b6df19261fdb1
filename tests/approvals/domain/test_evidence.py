"""Evidence: what policy demands holds a normal change in assessment, and is part of the revision that is voted on."""

import datetime as dt
import hashlib

import pytest

from approvals.domain.computing import content_hash
from approvals.domain.evidence import attach_evidence, link_evidence, state_evidence, withdraw_evidence
from approvals.domain.evidence_queries import evidence_of, file_of, files_of
from approvals.domain.gate import ask_gate
from approvals.domain.requests import (
    decide_on_change,
    reassess_change,
    revise_change,
    submit_change,
    waiting_sentence,
)
from approvals.models import ChangeRequest
from catalog.domain.connections import subscribe
from governance.domain.audit import history_of
from governance.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooLarge, WrongState
from governance.models import Attachment, StoredFile
from tests.factories import approvals as make
from tests.factories import catalog

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
URL = "https://wiki.example/proof"
REPORT = b"A day of messages was replayed: none was lost.\n"


def given(*kinds):
    return {kind: make.EVIDENCE[kind] for kind in kinds}


def without(*kinds):
    return {kind: url for kind, url in make.EVIDENCE.items() if kind not in kinds}


@pytest.fixture
def bare(cast):
    """Submitted by ada without any evidence."""
    return make.asked_change(cast, evidence={})


def link(cast, change, kind, url=URL, *, name="ada", at=None, **said):
    return link_evidence(change, kind=kind, url=url, now=at or cast.now, actor=cast(name), **said)


def attach(cast, change, kind="test_evidence", content=REPORT, name="report.txt", *, by="ada"):
    return attach_evidence(change, kind=kind, content=content, name=name, now=cast.now, actor=cast(by))


DEMANDED = (
    "test_evidence", "backout_plan", "downtime_procedure", "resilience_test", "phi_minimum_necessary",
    "encryption_control",
)  # fmt: skip


def test_without_evidence_it_waits_and_says_for_what(cast, bare):
    assert bare.state == "ASSESS"
    assert waiting_sentence(bare) == (
        "Evidence is not given yet: Test report, Backout plan, Downtime procedure, Resilience test, "
        "PHI: minimum necessary, Encryption control."
    )
    answer = ask_gate("IF-SUR-001", now=cast.now, actor=cast("ada"))
    missing = [name for name in answer.missing if name.startswith("evidence ")]
    assert missing == [f"evidence {kind}" for kind in DEMANDED]
    reasons = {reason.name: reason.message for reason in answer.reasons}
    assert reasons["evidence downtime_procedure"] == "Downtime procedure is not given yet (asked by A03)."
    with pytest.raises(WrongState):
        make.vote(cast, bare, "di")


def test_with_the_last_piece_it_asks_its_voters_by_itself(cast, bare):
    first = bare.revision_hash
    for kind in DEMANDED[:-1]:
        link(cast, bare, kind, f"{URL}/{kind}")
        assert bare.state == "ASSESS"
    attach(cast, bare, DEMANDED[-1])
    bare.refresh_from_db()
    assert (bare.state, bare.number) == ("AUTHORIZE", 1)
    assert bare.revision_hash != first
    make.vote_all(cast, bare)
    assert bare.state == "SCHEDULED"


def test_the_lead_time_runs_from_the_last_thing_that_voters_must_read(cast):
    change = make.asked_change(cast, evidence=without("backout_plan"), window_start=cast.now + 100 * make.HOUR)
    later = cast.now + 10 * make.HOUR
    link(cast, change, "backout_plan", at=later)
    assert (change.state, change.lead_ends_at) == ("AUTHORIZE", later + dt.timedelta(hours=72))


def test_evidence_too_late_for_its_window_is_kept_and_the_window_is_to_be_revised(cast):
    change = make.asked_change(cast, evidence=without("backout_plan"), window_start=cast.now + 100 * make.HOUR)
    link(cast, change, "backout_plan", at=cast.now + 40 * make.HOUR)
    assert change.state == "ASSESS"
    assert "60 h < 72 h" in waiting_sentence(change)
    later = cast.now + 41 * make.HOUR
    opens = cast.now + 120 * make.HOUR
    revise_change(change, window_start=opens, now=later, actor=cast("ada"))
    assert change.state == "AUTHORIZE"


def test_a_draft_holds_evidence_already(cast):
    change = make.new_interface_change(cast, evidence=given(*DEMANDED[1:]))
    before = change.revision_hash
    status = {proof.kind.key: proof.status for proof in evidence_of(change, now=cast.now)}
    assert (status["test_evidence"], status["backout_plan"], status["impact_list"]) == ("MISSING", "GIVEN", "MISSING")
    attach(cast, change)
    assert change.revision_hash != before
    assert (change.state, change.number) == ("DRAFT", 1)
    assert submit_change(change, now=cast.now, actor=cast("ada")).state == "AUTHORIZE"


def test_more_evidence_makes_votes_stale_even_where_policy_did_not_demand_it(cast):
    change = make.asked_change(cast)
    make.vote(cast, change, "di")
    seen = change.revision_hash
    link(cast, change, "exit_plan", f"{URL}/2", at=cast.now + make.HOUR)
    assert (change.state, change.number) == ("AUTHORIZE", 2)
    assert change.revision_hash != seen
    step = history_of(change).filter(action="approvals.change.link_evidence").get()
    assert step.after["votes_made_stale"] == ["Di"]
    with pytest.raises(Conflict) as stale:
        make.vote(cast, change, "fay", revision_hash=seen)
    assert stale.value.code == "VOTE_STALE"


def test_what_is_taken_back_is_missing_again(cast):
    change = make.asked_change(cast)
    piece = change.evidence["backout_plan"][0]["id"]
    withdraw_evidence(change, piece=piece, reason="Outdated", now=cast.now, actor=cast("ada"))
    assert (change.state, change.number) == ("ASSESS", 2)
    assert "Backout plan" in waiting_sentence(change)
    with pytest.raises(NotFound):
        withdraw_evidence(change, piece=piece, now=cast.now, actor=cast("ada"))


@pytest.mark.parametrize("kind", ["impact_list", "traffic", "consumer_acks", "template_match", "checks_passed"])
def test_what_is_computed_cannot_be_typed(cast, bare, kind):
    for refused in (
        lambda: link(cast, bare, kind),
        lambda: attach(cast, bare, kind),
        lambda: revise_change(bare, evidence={kind: URL}, now=cast.now, actor=cast("ada")),
    ):
        with pytest.raises(Invalid) as said:
            refused()
        assert said.value.code == "EVIDENCE_COMPUTED"
    assert not ChangeRequest.objects.get().evidence


def test_the_impact_list_is_computed_with_its_hash_and_anew_with_each_revision(cast):
    interface = make.decided_interface(cast)
    change = make.asked_change(cast, interface=interface)
    proof = change.computed_evidence["impact_list"]
    assert proof["content"]["interfaces"][0]["interface"] == "IF-SUR-001"
    assert (proof["sha256"], proof["holds"]) == (content_hash(proof["content"]), True)
    before = change.revision_hash
    consumer = catalog.system(cast, "cost-acct", domain="ERP", owner_team=cast.team("consumers"))
    subscribe(interface, consumer=consumer, purpose="Counts", now=cast.now, actor=cast.clock)
    revise_change(change, backout="Route back", now=cast.now, actor=cast("ada"))
    listed = change.computed_evidence["impact_list"]
    assert [one["key"] for one in listed["content"]["interfaces"][0]["consumers"]] == ["cost-acct"]
    assert listed["sha256"] != proof["sha256"]
    assert change.revision_hash != before


def test_reassessing_computes_anew(cast, bare):
    first = bare.computed_evidence["traffic"]["at"]
    reassess_change(bare, now=cast.now + make.HOUR, actor=cast("ada"))
    assert bare.computed_evidence["traffic"]["at"] > first
    assert bare.state == "ASSESS"


def test_a_missing_decision_and_missing_evidence_are_both_waited_for(cast):
    change = make.asked_change(cast, evidence=without("backout_plan"))
    revise_change(change, patches={1: {"volume_day": 9000}}, now=cast.now, actor=cast("ada"))
    link(cast, change, "backout_plan")
    assert change.state == "ASSESS"
    decide_on_change(change, rationale="As before", now=cast.now, actor=cast("jo"))
    assert change.state == "AUTHORIZE"


def test_a_file_is_kept_once_by_its_hash_and_handed_out_as_it_came(cast, bare):
    attach(cast, bare)
    attach(cast, bare, "backout_plan", name="../../etc/\u202ereport\n.txt")
    assert (StoredFile.objects.count(), Attachment.objects.count()) == (1, 2)
    piece = bare.evidence["backout_plan"][0]
    assert (piece["sha256"], piece["name"]) == (hashlib.sha256(REPORT).hexdigest(), "report.txt")
    attachment, content = file_of(bare, piece["id"])
    assert (attachment.content_type, content) == ("text/plain", REPORT)
    assert list(files_of(ChangeRequest.objects.all())) == [(piece["sha256"], REPORT)]
    with pytest.raises(Conflict) as again:
        attach(cast, bare)
    assert again.value.code == "EVIDENCE_TWICE"
    StoredFile.objects.update(content=b"something else")
    with pytest.raises(Invalid) as changed:
        file_of(bare, piece["id"])
    assert changed.value.code == "FILE_CHANGED"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "empty.txt", "FILE_EMPTY"),
        (b"MZ\x90\x00", "setup.exe", "FILE_TYPE"),
        (b"MZ\x90\x00", "setup.pdf", "FILE_TYPE"),
        (b"<script>alert(1)</script>", "page.html", "FILE_TYPE"),
        (b"PK\x03\x04 anything", "archive.zip", "FILE_TYPE"),
        (b"\xff\xfe\x00", "notes.txt", "FILE_TYPE"),
        (b"{not json", "notes.json", "FILE_TYPE"),
    ],
)
def test_files_that_are_not_kept(cast, bare, content, name, code):
    with pytest.raises(Invalid) as refused:
        attach(cast, bare, content=content, name=name)
    assert refused.value.code == code
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"%PDF-1.7 ...", "plan.txt", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "shot", "image/png"),
        (b"a;b\n1;2\n", "counts.CSV", "text/csv"),
        (b"PK\x03\x04...word/document.xml...", "plan.docx", "application/vnd.openxmlformats-officedocument."
         "wordprocessingml.document"),
    ],
)  # fmt: skip
def test_the_bytes_tell_the_type(cast, bare, content, name, kind):
    attach(cast, bare, content=content, name=name)
    assert bare.evidence["test_evidence"][0]["content_type"] == kind


def test_a_file_over_the_bound_is_refused(cast, bare, settings):
    settings.EVIDENCE_MAX_BYTES = 10
    with pytest.raises(TooLarge) as refused:
        attach(cast, bare)
    assert (refused.value.code, refused.value.details) == ("FILE_TOO_LARGE", {"max_bytes": 10})


@pytest.mark.parametrize(
    "url", ["http://wiki.example/x", "wiki.example", "javascript:alert(1)", "https://", "https://ada:pw@wiki.example/x"]
)
def test_links_that_are_refused(cast, bare, url):
    with pytest.raises(Invalid) as refused:
        link(cast, bare, "test_evidence", url)
    assert refused.value.code == "EVIDENCE_LINK"


def test_a_link_carries_the_documents_hash_as_declared_else_its_own(cast, bare):
    link(cast, bare, "test_evidence")
    declared = hashlib.sha256(b"document").hexdigest()
    link(cast, bare, "test_evidence", sha256=declared.upper())
    own, other = bare.evidence["test_evidence"]
    assert (own["hash_of"], own["sha256"]) == ("LINK", hashlib.sha256(URL.encode()).hexdigest())
    assert (other["hash_of"], other["sha256"]) == ("DOCUMENT", declared)
    with pytest.raises(Invalid):
        link(cast, bare, "test_evidence", sha256="abc")


def test_only_a_kind_that_is_somebodys_word_is_stated(cast, bare):
    said = {"now": cast.now, "actor": cast("ada")}
    with pytest.raises(Invalid) as refused:
        state_evidence(bare, kind="test_evidence", text="It works", **said)
    assert refused.value.code == "EVIDENCE_STATEMENT"
    state_evidence(bare, kind="remediation_date", text="2026-12-01", **said)
    assert bare.evidence["remediation_date"][0]["text"] == "2026-12-01"
    with pytest.raises(Invalid) as unknown:
        link(cast, bare, "gut_feeling")
    assert unknown.value.code == "EVIDENCE_KIND"


def test_who_gives_evidence_writes_and_does_not_vote(cast, bare):
    with pytest.raises(NotAllowed):
        link(cast, bare, "test_evidence", name="di")
    for kind in DEMANDED:
        link(cast, bare, kind, f"{URL}/{kind}", name="abe")
    assert bare.state == "AUTHORIZE"
    with pytest.raises(NotAllowed) as refused:
        make.vote(cast, bare, "abe")
    assert refused.value.code == "SOD_AUTHOR"


def test_what_was_decided_on_stays_as_it_is(cast):
    change = make.scheduled_change(cast)
    for refused in (lambda: link(cast, change, "exit_plan"), lambda: attach(cast, change)):
        with pytest.raises(WrongState) as said:
            refused()
        assert said.value.code == "EVIDENCE_FIXED"
