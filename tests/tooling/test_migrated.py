"""The other tests build the schema from the models; here it comes from the migrations, as on a real machine."""

import os
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
ALTER = """
from django.db import DatabaseError, transaction
from governance.domain.people import clock_user, found_team
from governance.models import AuditEvent, AuditHead
from django.utils import timezone
found_team("integration", name="Integration", now=timezone.now(), actor=clock_user())
for spoil in (
    lambda: AuditEvent.objects.update(reason="altered"),
    lambda: AuditEvent.objects.all().delete(),
):
    try:
        with transaction.atomic():
            spoil()
    except DatabaseError:
        print("refused")
print(AuditEvent.objects.count(), AuditHead.objects.get().seq)
"""


@pytest.fixture
def fresh(tmp_path):
    """The environment of an installation whose database does not exist yet."""
    asked = {**os.environ, "INTERLOCK_VAR": str(tmp_path)}
    if connection.vendor != "postgresql":
        asked.pop("DATABASE_URL", None)
        yield asked
        return
    import psycopg

    parts = urlsplit(asked["DATABASE_URL"])
    name = f"interlock_migrated_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        yield {**asked, "DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}"))}
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def manage(*arguments, env):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300
    )


@pytest.mark.slow
def test_a_migrated_database_closes_its_audit(fresh):
    migrated = manage("migrate", "--verbosity=0", env=fresh)
    assert (migrated.returncode, migrated.stderr) == (0, "")
    said = manage("shell", "--no-imports", "-c", ALTER, env=fresh)
    assert said.stdout.split() == ["refused", "refused", "1", "1"], said.stderr
