from django.apps import AppConfig
from django.db.models.signals import post_migrate


def prepare(sender, using, **kwargs):
    """After every migrate: the audit's triggers, its head row, and the clock's user."""
    from django.db import connections

    from .domain import audit_triggers
    from .models import AuditHead, User

    audit_triggers.install(connections[using])
    AuditHead.objects.using(using).get_or_create(pk=1)
    User.objects.using(using).get_or_create(
        username="system", defaults={"kind": "CLOCK", "display_name": "The clock", "password": "!"}
    )


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self):
        from .domain import board, delegating, impacts, jobs, people, simulations, tables  # noqa: F401  (they state their rules)

        # Triggers belong to the schema: a migration on SQLite rebuilds a table and drops them silently.
        post_migrate.connect(prepare, sender=self)
