"""The database itself refuses to change the audit.

Installed after every migrate (a later AddField on SQLite rebuilds the table and drops its triggers silently) and
asserted by a test. SQLite: INSERT OR REPLACE deletes without a DELETE trigger, so an INSERT whose key exists is
refused before it is made. PostgreSQL: TRUNCATE passes row triggers, so it has a statement trigger of its own.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from ..models import AuditEvent, AuditSeal

MODELS = (AuditEvent, AuditSeal)
REFUSAL = "the audit is append-only"

POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION interlock_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'insufficient_privilege'; END $$
"""


def sqlite_triggers(table: str) -> dict[str, str]:
    # Table names are our own models', never input.
    taken = f"SELECT 1 FROM {table} WHERE seq = NEW.seq OR hash = NEW.hash"  # noqa: S608
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    return {
        f"{table}_no_update": f"BEFORE UPDATE ON {table} {refuse}",
        f"{table}_no_delete": f"BEFORE DELETE ON {table} {refuse}",
        f"{table}_no_replace": f"BEFORE INSERT ON {table} WHEN EXISTS ({taken}) {refuse}",
    }


def postgres_triggers(table: str) -> dict[str, str]:
    call = "EXECUTE FUNCTION interlock_refuse_audit_change()"
    return {
        f"{table}_no_change": f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}",
        f"{table}_no_truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
    }


def triggers(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, str]]:
    """Every trigger this engine needs: name -> (table, body)."""
    made = sqlite_triggers if connection.vendor == "sqlite" else postgres_triggers
    return {name: (model._meta.db_table, body) for model in MODELS for name, body in made(model._meta.db_table).items()}


def install(connection: BaseDatabaseWrapper) -> None:
    """(Re)create every trigger."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTION)
        for name, (_, body) in triggers(connection).items():
            cursor.execute(f"CREATE TRIGGER {name} {body}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Lift them: for the test flush only."""
    with connection.cursor() as cursor:
        for name, (table, _) in triggers(connection).items():
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that should be there and are not."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {row[0] for row in cursor.fetchall()}
    return sorted(set(triggers(connection)) - present)
