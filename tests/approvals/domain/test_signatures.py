"""Signatures: asked where patients or their data are touched, bound to one vote, and never told to anybody."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from approvals.domain.signing import needs_signature, verify_signature
from approvals.models import ChangeRequest, Vote
from governance.domain.credentials import Credential
from governance.kernel.errors import NotAllowed, NotReady
from governance.models import AuditEvent
from tests.cast import PASSWORD
from tests.factories import approvals as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
URL = "/api/v1/changes/"


@pytest.fixture
def asked(cast):
    return make.asked_change(cast)


def test_tier_and_health_information_ask_for_one(asked):
    assert needs_signature(asked)
    for facts, needed in (
        ({"tier": 0, "phi": False}, True),
        ({"tier": 2, "phi": True}, True),
        ({"tier": 2, "phi": False}, False),
        ({}, False),
    ):
        assert needs_signature(ChangeRequest(policy={"facts": facts})) is needed


def test_a_vote_says_who_meant_what_and_when(cast, asked):
    given = make.vote(cast, asked, "rae")
    stored = Vote.objects.get()
    assert (stored.signed_name, stored.sign_method, stored.signed_at) == ("Rae", "PASSWORD", given.at)
    assert stored.meaning == f"approves {asked.key} revision 1 as CLINICAL_IT for Bo"
    assert verify_signature(stored)


@pytest.mark.parametrize(
    ("signature", "kind", "code"),
    [
        (None, NotReady, "SIGNATURE_REQUIRED"),
        (Credential("PASSWORD", ""), NotReady, "SIGNATURE_REQUIRED"),
        (Credential("SMOKE", PASSWORD), NotReady, "SIGNATURE_REQUIRED"),
        (Credential("PASSWORD", "somebody-elses"), NotAllowed, "SIGNATURE_WRONG"),
        (Credential("TOTP", "123456"), NotAllowed, "SIGNATURE_WRONG"),
    ],
)
def test_without_a_right_one_nothing_is_decided(cast, asked, signature, kind, code):
    with pytest.raises(kind) as refused:
        make.vote(cast, asked, "di", signature=signature)
    assert (refused.value.code, Vote.objects.count()) == (code, 0)


def test_a_question_needs_none(cast, asked):
    assert make.vote(cast, asked, "di", "REQUEST_INFO", comment="Which ward?", signature=None).signature == ""


def test_the_sixth_try_in_five_minutes_is_not_even_compared(cast, asked):
    for _ in range(5):
        with pytest.raises(NotAllowed, match="not right"):
            make.vote(cast, asked, "di", signature=Credential("PASSWORD", "guess"))
    with pytest.raises(NotAllowed) as refused:
        make.vote(cast, asked, "di")
    assert refused.value.code == "SIGNATURE_LOCKED"
    assert make.vote(cast, asked, "fay").signature  # somebody else's tries are their own


def moved(vote, **values):
    """The same row with other values, written past the product, as one who holds the database could."""
    Vote.objects.filter(pk=vote.pk).update(**values)
    return Vote.objects.get(pk=vote.pk)


def test_a_signature_moved_or_touched_does_not_verify(cast, asked):
    other = make.asked_change(cast, "IF-SUR-004")
    vote = make.vote(cast, asked, "di")
    for values in (
        {"change": other}, {"choice": "REJECT"}, {"revision_hash": "0" * 64}, {"role": "ERP"}, {"voter": cast("ed")},
        {"signed_name": "Ed"}, {"meaning": "rejects everything"}, {"comment": "And more"}, {"on_behalf_of": cast("bo")},
    ):  # fmt: skip
        before = {name: getattr(vote, name) for name in values}
        assert not verify_signature(moved(vote, **values)), values
        assert verify_signature(moved(vote, **before))


def test_a_copy_under_another_change_does_not_verify(cast, asked):
    other = make.asked_change(cast, "IF-SUR-004")
    theirs, mine = make.vote(cast, other, "di"), make.vote(cast, asked, "di")
    copied = {name: getattr(mine, name) for name in ("signed_name", "meaning", "signed_at", "sign_method", "signature")}
    assert not verify_signature(moved(theirs, **copied))
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("audit_verify", stderr=said)
    assert f"the signature of Di on {other.key} does not match" in said.getvalue()


def test_the_key_is_not_the_databases(cast, asked, settings, tmp_path):
    vote = make.vote(cast, asked, "di")
    settings.AUDIT_SEAL_KEY_FILE = tmp_path / "another.pem"
    assert not verify_signature(Vote.objects.get(pk=vote.pk))


def test_over_the_api_and_no_trace_of_the_secret(cast, asked, api, caplog):
    ballot = {"choice": "APPROVE", "revision_hash": asked.revision_hash}
    client, address = api(cast("di")), f"{URL}{asked.key}/vote/"
    missing = client.post(address, ballot, format="json")
    assert (missing.status_code, missing.json()["code"], list(missing.json()["errors"])) == (
        422, "SIGNATURE_REQUIRED", ["signature"],
    )  # fmt: skip
    wrong = client.post(
        address, ballot | {"signature": {"method": "PASSWORD", "secret": "wrong-secret"}}, format="json"
    )
    assert (wrong.status_code, wrong.json()["code"]) == (403, "SIGNATURE_WRONG")
    signed = ballot | {"signature": {"method": "PASSWORD", "secret": PASSWORD}}
    assert client.post(address, signed, format="json", headers={"Idempotency-Key": "one"}).status_code == 200
    vote = client.get(f"{URL}{asked.key}/votes/").json()[0]
    assert (vote["signature_holds"], vote["signed_name"], vote["sign_method"]) == (True, "Di", "PASSWORD")
    rows = "".join(str(list(AuditEvent.objects.values()))) + caplog.text + repr(make.SIGNATURE)
    assert PASSWORD not in rows
    assert "wrong-secret" not in rows
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            assert PASSWORD not in str(cursor.fetchall())


def test_the_page_asks_in_words_and_shows_that_it_holds(cast, asked, as_user):
    page = as_user(cast("di")).get(f"/changes/{asked.key}/").content.decode()
    assert f"approves or rejects {asked.key} revision 1 as <b>Security</b>" in page
    ballot = {"choice": "APPROVE", "revision_hash": asked.revision_hash, "signature": "not-mine"}
    refused = as_user(cast("di")).post(f"/changes/{asked.key}/vote/", ballot)
    assert (refused.status_code, "not-mine" in refused.content.decode()) == (403, False)
    assert "The password is not right." in refused.content.decode()
    make.vote(cast, asked, "di")
    assert "The signature is valid." in as_user(cast("di")).get(f"/changes/{asked.key}/").content.decode()
    Vote.objects.update(comment="Something else")
    assert "does not match this vote" in as_user(cast("di")).get(f"/changes/{asked.key}/").content.decode()
