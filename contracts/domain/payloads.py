"""Does a payload keep the contract? Decided in memory; nothing of a payload is stored, logged or repeated.

The fast validator decides; only what it refuses is explained, by the reference validator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from governance.domain.rules import require
from governance.kernel.bounded import iter_ndjson, parse_json
from governance.kernel.errors import DomainError, NotFound
from governance.models import User

from ..formats.base import Document as Parsed
from ..formats.json_schema.validation import fast_validator
from ..formats.registry import format_named
from ..models import Contract
from .checking import version_number
from .documents import stored
from .rules import sees

MAX_LINE = 1024 * 1024
MAX_LINES = 1_000_000
MAX_DEPTH = 64
#: Explaining costs some hundred times what deciding does: further refused lines only say that they are.
EXPLAINED_LINES = 200
CHUNK = 32 * 1024


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
    """The same by the contract's key, with one short question of rights: beside a thousand small payloads a long one
    would be felt."""
    contract = Contract.objects.select_related("interface__provider").filter(key=key).first()
    if contract is None or not sees(actor, contract):
        raise NotFound(f"There is no contract '{key[:40]}', or you may not see it.")
    return held(contract, version)


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
    number, sha256 = found
    against = Held(contract.key, number, sha256, stored(contract.format, sha256))
    decider(against.parsed)(None)
    return against


def decider(parsed: Parsed) -> Callable[[Any], bool]:
    """The quickest way that the format has to say yes or no."""
    if parsed.format == "json_schema":
        return fast_validator(parsed).is_valid
    checker = format_named(parsed.format)
    return lambda payload: checker.validate(parsed, payload).valid


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
    decide, explain = decider(against.parsed), explainer(against.parsed)
    out, size, valid, invalid, complete = [], 0, 0, 0, True
    for number, line in iter_ndjson(chunks, max_line=MAX_LINE, max_lines=MAX_LINES):
        refused = decided(line, decide)
        if refused is None:
            valid += 1
            answer = b'{"line":%d,"valid":true}\n' % number
        else:
            invalid += 1
            complete = complete and getattr(line, "code", "") != "TOO_MANY_LINES"
            errors = refused or explain(line, invalid)
            answer = orjson.dumps({"line": number, "valid": False, "errors": errors}) + b"\n"
        out.append(answer)
        size += len(answer)
        if size >= CHUNK:
            yield b"".join(out)
            out, size = [], 0
    summary = {"lines": valid + invalid, "valid": valid, "invalid": invalid, "complete": complete}
    about = {"contract": against.contract, "version": against.version, "sha256": against.sha256}
    yield b"".join(out) + orjson.dumps({"summary": {**about, **summary}}) + b"\n"


def decided(line: bytes | DomainError, decide: Callable[[Any], bool]) -> list[dict[str, str]] | None:
    """None for a valid line; the errors of an unreadable one; an empty list for one that is yet to be explained."""
    if isinstance(line, DomainError):
        return [{"code": line.code, "message": line.message}]
    if line.count(b"[") + line.count(b"{") <= MAX_DEPTH:  # it cannot be too deep: no need to look closer
        try:
            return None if decide(orjson.loads(line)) else []
        except orjson.JSONDecodeError:
            pass  # the slower reader says where
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
