"""``manage.py seed_tables FILE``: the board's first decision tables, for an installation without the demo."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.domain.people import clock_user
from governance.domain.tables import seed_table
from governance.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Publish the first version of each table in a policy file; a key that has a version keeps it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help="JSON: one decision table by its key, such as demo/policy/tables.json"
        )

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            documents = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as wrong:
            raise CommandError(f"{file} cannot be read as JSON: {wrong}") from None
        if not isinstance(documents, dict) or not all("key" in document for document in documents.values()):
            raise CommandError(f"{file} is no policy file: it holds decision tables by their key.")
        for key, document in documents.items():
            try:
                table = seed_table(document, now=timezone.now(), actor=clock_user())
            except DomainError as refused:
                places = "; ".join(f"{place}: {' '.join(said)}" for place, said in refused.errors.items())
                raise CommandError(f"{key}: {refused.message} {places}") from None
            self.stdout.write(f"{table.key} {table.version} is {table.state.lower()}")
