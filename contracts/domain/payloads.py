"""Does a payload keep the contract? Decided in memory; nothing of a payload is stored, logged or repeated.

The fast validator decides; only what it refuses is explained, by the reference validator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db.models import OuterRef, QuerySet, Subquery

from governance.domain.prepared import Prepared
from governance.domain.rules import can, require
from governance.kernel.bounded import line_batches, numbered_lines, parse_json
from governance.kernel.errors import DomainError, NotFound
from governance.models import User

from ..formats.base import Document as Parsed
from ..formats.json_schema.validation import fast_list_validator, fast_validator
from ..formats.registry import format_named
from ..models import Contract, ContractVersion
from .checking import version_number
from .documents import stored
from .rules import seen_by_grant
from .together import all_keep, some_too_deep

MAX_LINE = 1024 * 1024
MAX_LINES = 1_000_000
MAX_DEPTH = 64
#: Explaining costs some hundred times what deciding does: further refused lines only say that they are.
EXPLAINED_LINES = 200
#: Answers to so many lines leave together.
TOGETHER = 2000
#: In a chunk of 64 KiB so many lines or more are short ones.
SHORT_FROM = 64
VALID = b'{"line":%d,"valid":true}\n'


@dataclass(frozen=True, slots=True)
class Held:
    """What payloads are held against: one version of one contract, read."""

    contract: str
    version: str
    sha256: str
    parsed: Parsed


def held_against(contract: Contract, *, version: str | None = None, actor: User) -> Held:
    """The published version, or the one named. Raises ``NotFound`` (NO_PUBLISHED_VERSION, NOT_FOUND), ``Invalid``
    (BAD_VERSION) and, for a format that has no validator, ``NotReady`` (NO_CHECKER)."""
    require(actor, "view", contract)
    return held(contract, version)


def held_by_key(key: str, *, version: str | None = None, actor: User) -> Held:
    """The same by the contract's key, with one prepared question where the actor's team sees the domain: beside a
    thousand small payloads a longer way would be felt."""
    row = None if version else PROMISED.first(key=key, actor=actor.pk)
    if row is not None:
        format_name, seen, number, sha256 = row
        if seen and number:
            return read_held(key, number, format_name, sha256)
    contract = Contract.objects.select_related("interface").filter(key=key).first()
    if contract is None or not can(actor, "view", contract.interface):
        raise NotFound(f"There is no contract '{key[:40]}', or you may not see it.")
    return held(contract, version)


def promised(key: str, actor: UUID) -> QuerySet[Contract, Any]:
    """One contract's format, whether the actor is granted to see it, and what is published of it."""
    published = ContractVersion.objects.published().filter(contract=OuterRef("pk")).order_by()  # one at most
    return (
        Contract.objects.filter(key=key)
        .order_by()
        .annotate(
            seen=seen_by_grant(actor),
            number=Subquery(published.values("version")[:1]),
            sha256=Subquery(published.values("document__sha256")[:1]),
        )
        .values_list("format", "seen", "number", "sha256")
    )


PROMISED = Prepared(promised, key=str, actor=UUID)


def held(contract: Contract, version: str | None) -> Held:
    if version:
        version_number(version)
    rows = contract.versions.filter(version=version) if version else contract.versions.published()
    found = rows.order_by().values_list("version", "document__sha256").first()
    if found is None:
        if version:
            raise NotFound(f"{contract.key} has no version {version[:40]}.")
        raise NotFound(
            f"{contract.key} has no published version; name the version to validate against.",
            code="NO_PUBLISHED_VERSION",
        )
    return read_held(contract.key, found[0], contract.format, found[1])


def read_held(key: str, number: str, format_name: str, sha256: str) -> Held:
    against = Held(key, number, sha256, stored(format_name, sha256))
    decider(against.parsed)(None)
    return against


def decider(parsed: Parsed) -> Callable[[Any], bool]:
    """The quickest way that the format has to say yes or no."""
    if parsed.format == "json_schema":
        return fast_validator(parsed).is_valid
    checker = format_named(parsed.format)
    return lambda payload: checker.validate(parsed, payload).valid


def decider_of_all(parsed: Parsed) -> Callable[[list[Any]], bool]:
    """The quickest way to say that all of these payloads are valid."""
    together = fast_list_validator(parsed) if parsed.format == "json_schema" else None
    if together is not None:
        return together.is_valid
    decide = decider(parsed)
    return lambda payloads: all(map(decide, payloads))


def validate_payload(contract: Contract, payload: Any, *, version: str | None = None, actor: User) -> dict[str, Any]:
    """Hold one decoded payload against the published version, or the one named; errors name places and rules."""
    against = held_against(contract, version=version, actor=actor)
    result = format_named(against.parsed.format).validate(against.parsed, payload)
    return {
        "contract": against.contract,
        "version": against.version,
        "sha256": against.sha256,
        "valid": result.valid,
        "errors": [asdict(error) for error in result.errors],
    }


def validate_text(contract: Contract, text: bytes, *, version: str | None = None, actor: User) -> dict[str, Any]:
    """The same for a payload that is still bytes. Raises ``Malformed`` or ``TooLarge`` for what is no JSON."""
    payload = parse_json(text, max_bytes=MAX_LINE, max_depth=MAX_DEPTH, what="payload")
    return validate_payload(contract, payload, version=version, actor=actor)


def validate_ndjson(against: Held, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """One NDJSON line for each payload line, ``{"line", "valid", "errors"}``, then ``{"summary": ...}``.

    Memory is bounded by the longest line allowed. A line that cannot be read is an invalid line with its code, and
    the stream goes on; beyond a million lines it ends, and the summary says ``complete: false``.
    """
    decide, explain, judge = decider(against.parsed), explainer(against.parsed), batch_judge(against.parsed)
    out, waiting, valid, invalid, complete = [], 0, 0, 0, True
    for first, lines in line_batches(chunks, max_line=MAX_LINE):
        verdicts = judge(first, lines)
        if verdicts and all(verdicts):
            valid += len(lines)
            out.append(VALID * len(lines) % tuple(range(first, first + len(lines))))
        else:
            for number, line, refused in one_by_one(first, lines, verdicts, decide):
                if refused is None:
                    valid += 1
                    out.append(VALID % number)
                else:
                    invalid += 1
                    errors = refused or explain(line, invalid)
                    out.append(orjson.dumps({"line": number, "valid": False, "errors": errors}) + b"\n")
                    complete = number <= MAX_LINES
        waiting += len(lines)
        if not complete:
            break
        if waiting >= TOGETHER:
            yield b"".join(out)
            out, waiting = [], 0
    summary = {"lines": valid + invalid, "valid": valid, "invalid": invalid, "complete": complete}
    about = {"contract": against.contract, "version": against.version, "sha256": against.sha256}
    yield b"".join(out) + orjson.dumps({"summary": {**about, **summary}}) + b"\n"


def batch_judge(parsed: Parsed) -> Callable[[int, Sequence[bytes | None]], list[bool] | None]:
    """Tells the verdict on every line of a batch, quickly, or None: then one must look closer, because a line is blank,
    cannot be read, is too long or could be too deep, or is one too many."""
    decide, decide_all, smooth = decider(parsed), decider_of_all(parsed), True

    def judge(first: int, lines: Sequence[bytes | None]) -> list[bool] | None:
        nonlocal smooth
        whole = [line for line in lines if line]
        if len(whole) < len(lines) or first + len(lines) - 1 > MAX_LINES:
            return None
        # Read together, short payloads take a quarter less time; long ones no longer fit the processor's cache.
        short = smooth and len(whole) >= SHORT_FROM
        if short and all_keep(whole, decide_all, max_depth=MAX_DEPTH):
            return [True] * len(whole)
        if some_too_deep(whole, max_depth=MAX_DEPTH):
            return None
        try:
            verdicts = list(map(decide, map(orjson.loads, whole)))
        except orjson.JSONDecodeError:
            return None
        smooth = all(verdicts)  # where many are refused, a first reading of all together would be for nothing
        return verdicts

    return judge


def one_by_one(
    first: int, lines: Sequence[bytes | None], verdicts: list[bool] | None, decide: Callable[[Any], bool]
) -> Iterator[tuple[int, Any, list[dict[str, str]] | None]]:
    """Each line with its number and, when it is refused, its errors; an empty list is yet to be explained."""
    if verdicts is not None:
        for number, (line, fine) in enumerate(zip(lines, verdicts, strict=True), first):
            yield number, line, None if fine else []
        return
    for number, stripped in numbered_lines(first, lines, max_line=MAX_LINE, max_lines=MAX_LINES):
        yield number, stripped, decided(stripped, decide)


def decided(line: bytes | DomainError, decide: Callable[[Any], bool]) -> list[dict[str, str]] | None:
    """None for a valid line; the errors of an unreadable one; an empty list for one that is yet to be explained."""
    if isinstance(line, DomainError):
        return [{"code": line.code, "message": line.message}]
    try:
        payload = parse_json(line, max_bytes=MAX_LINE, max_depth=MAX_DEPTH, what="line")
    except DomainError as refused:
        return [{"code": refused.code, "message": refused.message}]
    return None if decide(payload) else []


def explainer(parsed: Parsed) -> Callable[[bytes | DomainError, int], list[dict[str, Any]]]:
    checker = format_named(parsed.format)

    def explain(line: bytes | DomainError, refused_so_far: int) -> list[dict[str, Any]]:
        if refused_so_far > EXPLAINED_LINES or isinstance(line, DomainError):
            said = f"Only the first {EXPLAINED_LINES} refused lines are explained."
            return [{"code": "NOT_EXPLAINED", "message": said}]
        return [asdict(error) for error in checker.validate(parsed, orjson.loads(line)).errors]

    return explain
