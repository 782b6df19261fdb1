"""The audit proves itself: closed in the database, chained, sealed outside it."""

import datetime as dt
import json

import pytest
from django.db import DatabaseError, connection, transaction

from governance.domain import audit_triggers, people, seals
from governance.domain.audit import GENESIS, history_of, link_hash, recorded
from governance.domain.context import working_via
from governance.models import AuditEvent, AuditHead, AuditSeal, User

POSTGRES = connection.vendor == "postgresql"
EVENT, SEAL = AuditEvent._meta.db_table, AuditSeal._meta.db_table


@pytest.fixture
def chain(cast):
    """Some recorded steps."""
    for name in ("ada", "gus"):
        cast(name)
    return list(AuditEvent.objects.all())


class underneath:  # noqa: N801  (reads as a sentence: with underneath(): ...)
    """What an attacker with the database's own rights does: lifts the triggers first."""

    def __enter__(self):
        audit_triggers.remove(connection)

    def __exit__(self, *raised):
        audit_triggers.install(connection)


def statements(table):
    copied = f"SELECT * FROM {table}"
    yield f"UPDATE {table} SET hash = 'x'"
    yield f"DELETE FROM {table}"
    if POSTGRES:
        yield f"TRUNCATE {table}"
        yield f"TRUNCATE {table} CASCADE"
        yield f"INSERT INTO {table} {copied} ON CONFLICT (seq) DO UPDATE SET hash = 'x'"
    else:
        yield f"INSERT OR REPLACE INTO {table} {copied}"
        yield f"REPLACE INTO {table} {copied}"
        yield f"INSERT INTO {table} {copied} WHERE true ON CONFLICT (seq) DO UPDATE SET hash = 'x'"
        yield f"UPDATE OR REPLACE {table} SET seq = seq + 1"


@pytest.mark.parametrize(
    ("table", "statement"), [(table, statement) for table in (EVENT, SEAL) for statement in statements(table)]
)
def test_the_database_refuses_every_change(chain, now, table, statement):
    seals.seal(now=now)
    before = (list(AuditEvent.objects.values()), list(AuditSeal.objects.values()))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert (list(AuditEvent.objects.values()), list(AuditSeal.objects.values())) == before


def test_every_trigger_stands_on_the_migrated_database(db):
    assert audit_triggers.missing(connection) == []


def test_a_step_says_who_what_when_why_and_through_which_door(cast, now):
    with working_via("API", "req-1"):
        ada = people.register_person("zoe", name="Zoe", now=now, actor=cast.clock)
    step = history_of(ada).get()
    assert (step.action, step.actor_label, step.via, step.request_id) == (
        "governance.user.register", "The clock", "API", "req-1",
    )  # fmt: skip
    assert (step.at, step.subject_label, step.before) == (now, "Zoe", {})
    assert step.after["username"] == "zoe"
    assert "password" not in step.after


def test_rows_are_numbered_and_chained_without_a_gap(chain):
    assert [event.seq for event in chain] == list(range(1, len(chain) + 1))
    assert [event.previous_hash for event in chain] == [GENESIS, *(event.hash for event in chain[:-1])]
    head = AuditHead.objects.get()
    assert (head.seq, head.hash) == (chain[-1].seq, chain[-1].hash)


def fail_after(changed):
    raise ZeroDivisionError(changed)


def test_what_failed_leaves_no_row_and_the_outer_step_still_counts(cast, now):
    ada = cast("ada")
    before = AuditEvent.objects.count()
    with recorded("test.outer", actor=cast.clock, subject=ada, now=now):
        with pytest.raises(ZeroDivisionError), recorded("test.inner", actor=cast.clock, subject=ada, now=now):
            fail_after(User.objects.filter(pk=ada.pk).update(title="changed"))
        User.objects.filter(pk=ada.pk).update(title="kept")
    assert [event.action for event in AuditEvent.objects.all()[before:]] == ["test.outer"]
    assert AuditEvent.objects.last().after == {"title": "kept"}
    assert seals.verify().ok


def test_the_proof_counts_rows_and_seals(chain, now):
    assert seals.verify() == seals.Verification(True, len(chain), 0)
    made = seals.seal(now=now)
    assert made.seq == chain[-1].seq
    assert seals.seal(now=now) is None
    assert seals.verify() == seals.Verification(True, len(chain), 1)


def test_an_altered_row_is_named(chain):
    with underneath():
        AuditEvent.objects.filter(seq=3).update(actor_label="Somebody else")
    assert seals.verify() == seals.Verification(False, 2, 0, 3, "its content does not match its hash")


def test_a_missing_row_is_named(chain):
    with underneath():
        AuditEvent.objects.filter(seq=2).delete()
    proof = seals.verify()
    assert (proof.ok, proof.seq, proof.problem) == (False, 3, "row 2 is missing")


def recompute(last=None):
    """The chain rebuilt from its first row, hashes and head alike: self-consistent again."""
    previous = GENESIS
    for event in AuditEvent.objects.order_by("seq"):
        event.previous_hash = previous
        previous = event.hash = link_hash(event)
        event.save()
    AuditHead.objects.update(seq=event.seq, hash=previous)


def test_a_recomputed_chain_fails_at_its_seal(chain, now):
    seals.seal(now=now)
    with underneath():
        AuditEvent.objects.filter(seq=1).update(actor_label="Somebody else")
        recompute()
        AuditSeal.objects.all().delete()
    proof = seals.verify()
    assert (proof.ok, proof.seq) == (False, chain[-1].seq)
    assert proof.problem == "the chain was recomputed: it no longer matches the seal"


def test_a_cut_tail_fails_at_its_exported_seal(chain, now):
    seals.seal(now=now)
    with underneath():
        AuditEvent.objects.filter(seq=chain[-1].seq).delete()
        AuditSeal.objects.all().delete()
        recompute()
    proof = seals.verify()
    assert (proof.ok, proof.seq) == (False, chain[-1].seq)
    assert proof.problem.endswith("its tail was cut")


def test_a_seal_signed_with_another_key_is_refused(chain, now, settings, tmp_path):
    seals.seal(now=now)
    settings.AUDIT_SEAL_KEY_FILE = tmp_path / "other.pem"
    assert seals.verify().problem == "the seal's signature is not ours"


def test_an_exported_seal_that_was_edited_is_refused(chain, now, settings):
    seals.seal(now=now)
    line = json.loads(settings.AUDIT_SEAL_EXPORT.read_text())
    line["sealed_at"] = (now + dt.timedelta(days=1)).isoformat()
    settings.AUDIT_SEAL_EXPORT.write_text(json.dumps(line))
    assert seals.verify().problem == "the seal's signature is not ours"


@pytest.mark.django_db(transaction=True)
def test_after_a_flush_chain_and_triggers_start_anew(cast):
    cast("ada")
    assert audit_triggers.missing(connection) == []


@pytest.mark.django_db(transaction=True)
def test_after_a_flush_the_clock_and_the_head_are_there(cast):
    assert (AuditHead.objects.get().seq, cast.clock.username) == (0, "system")
    assert audit_triggers.missing(connection) == []
