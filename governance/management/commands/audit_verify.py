"""``manage.py audit_verify``: the proof that no recorded step was changed, added or cut off."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.domain.proofs import further_problems
from governance.domain.seals import verify


class Command(BaseCommand):
    help = "Prove the audit chain, its seals and all signatures; name what is broken and exit with 1 otherwise."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seals", type=Path, metavar="FILE", help="exported seals, one JSON object a line")

    def handle(self, *, seals: Path | None, **options: Any) -> None:
        if seals and not seals.exists():
            raise CommandError(f"There is no file {seals}.", returncode=2)
        try:
            proof = verify(seals_file=seals)
        except (ValueError, KeyError) as unreadable:
            raise CommandError(f"The exported seals cannot be read: {unreadable}.", returncode=2) from None
        if not proof.ok:
            self.stderr.write(f"BROKEN at row {proof.seq}: {proof.problem}.")
            sys.exit(1)
        problems = list(further_problems())
        for problem in problems:
            self.stderr.write(f"BROKEN: {problem}.")
        if problems:
            sys.exit(1)
        self.stdout.write(f"The chain holds: {proof.events} rows, {proof.seals} seals.")
