"""``manage.py decide --table KEY < facts.jsonl``: what a table says, one answer a line."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance.dmn import CompiledTable
from governance.domain.deciding import checked_facts, table_in_force
from governance.kernel.bounded import line_batches, numbered_lines, parse_json
from governance.kernel.errors import DomainError, Malformed

CHUNK = 64 * 1024


def given_lines(chunks: Iterable[bytes], *, max_line: int) -> Iterator[bytes | DomainError]:
    for first, lines in line_batches(chunks, max_line=max_line):
        for _, line in numbered_lines(first, lines, max_line=max_line, max_lines=sys.maxsize):
            yield line


def answer(machine: CompiledTable, line: bytes | DomainError) -> dict[str, Any]:
    """The answer to one line of facts. Raises ``DomainError`` for a line that holds none."""
    if isinstance(line, DomainError):
        raise line
    facts = parse_json(line, max_bytes=settings.MAX_BODY_BYTES, max_depth=settings.MAX_JSON_DEPTH, what="line")
    if not isinstance(facts, dict):
        raise Malformed("A line is one JSON object of facts: { ... }.", code="NOT_AN_OBJECT")
    checked_facts(machine, facts)
    said = machine.evaluate(facts)
    return {"output": said.output, "rules": list(said.rules)}


class Command(BaseCommand):
    help = "Evaluate one JSON object of facts a line by a decision table; exit code 1 when a line was bad."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--table", required=True, metavar="KEY")

    def handle(self, *, table: str, **options: Any) -> None:
        try:
            machine = table_in_force(table)
        except DomainError as refused:
            raise CommandError(refused.message, returncode=2) from None
        chunks = iter(lambda: sys.stdin.buffer.read1(CHUNK), b"")
        bad = False
        for line in given_lines(chunks, max_line=settings.MAX_BODY_BYTES):
            try:
                said = answer(machine, line)
            except DomainError as refused:
                said, bad = {"error": refused.message, "code": refused.code}, True
            self.stdout.write(orjson.dumps(said).decode())
        if bad:
            sys.exit(1)
