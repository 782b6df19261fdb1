"""``manage.py audit_seal``: sign the end of the audit chain now, without waiting for the clock."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from governance.domain.seals import seal


class Command(BaseCommand):
    help = "Sign the audit chain's end and append the seal to the export."

    def handle(self, **options: Any) -> None:
        made = seal(now=timezone.now())
        self.stdout.write(f"Sealed at row {made.seq}." if made else "Nothing new since the last seal.")
