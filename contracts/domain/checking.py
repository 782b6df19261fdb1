"""May this candidate follow what is promised? One result document, for the pipeline, the page and the evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from catalog.models import Interface
from governance.domain.rules import require
from governance.kernel.errors import Invalid, NotReady
from governance.models import User

from ..formats.base import Document as Parsed
from ..formats.base import Level, Mode, Report, Verdict, canonical_bytes
from ..formats.registry import compare_versions
from ..formats.semver import bump_is_enough, declared_bump, parse_version, suggest_version
from ..models import CompatibilityReport, Contract, ContractVersion
from .documents import read_candidate, stored

FIRST_VERSION = "1.0.0"
LARGEST_PART = 2_147_483_647


def check_candidate(contract: Contract, *, text: bytes, version: str | None = None, actor: User) -> dict[str, Any]:
    """What posting ``text`` (as ``version``) would answer; nothing is stored and the same input gives the same bytes.

    An unreadable candidate is an answer too: ``unknown`` with the reason UNPARSABLE and the places. Raises
    ``NotFound`` for what the actor may not see, ``TooLarge``, and ``Invalid`` (BAD_VERSION).
    """
    require(actor, "view", contract)
    return checked(contract, text, version)


def preview_candidate(
    interface: Interface, *, format: str, mode: str, text: bytes, version: str | None = None, actor: User
) -> dict[str, Any]:
    """The same for an interface that may have no contract yet; the one it has says format and mode."""
    require(actor, "view", interface)
    contract = Contract.objects.filter(interface=interface).first()
    draft = Contract(key=interface.key, interface=interface, format=format, mode=mode)
    return checked(contract or draft, text, version)


def checked(contract: Contract, text: bytes, version: str | None) -> dict[str, Any]:
    if version is not None:
        version_number(version)
    try:
        parsed = read_candidate(contract, text)
    except NotReady as refused:
        return sealed(unreadable(contract, refused, version))
    return result_of(contract, parsed, version=version)


def result_of(
    contract: Contract, parsed: Parsed, *, version: str | None, besides: ContractVersion | None = None
) -> dict[str, Any]:
    """The result document of a readable candidate; ``besides`` is the row that is itself the candidate."""
    earlier = followed_by(contract, besides=besides)
    known = [(row.version, stored(contract.format, row.document.sha256)) for row in earlier]
    report = compare_versions(contract.format, parsed, known, Mode(contract.mode))
    bump = bump_of(earlier[0].version, version, report.level) if earlier and version else None
    document = {
        **heading(contract, version),
        **report.as_dict(),
        "candidate": {"sha256": parsed.sha256, "dialect": parsed.dialect},
        "passes": report.passes,
        "bump": bump,
        "suggested_version": suggest_version(earlier[0].version, report.level) if earlier else FIRST_VERSION,
        "accepted": accepted(report, bump) if version else None,
    }
    return sealed(document)


def followed_by(contract: Contract, *, besides: ContractVersion | None = None) -> list[ContractVersion]:
    """The versions that a candidate follows, newest first: all in use, or else the newest that is on its way."""
    if contract._state.adding:
        return []
    rows = contract.versions.select_related("document").defer("document__canonical").newest_first()
    rows = rows.exclude(pk=besides.pk) if besides else rows
    return list(rows.relied_on()) or list(rows.coming()[:1])


def heading(contract: Contract, version: str | None) -> dict[str, Any]:
    return {"contract": contract.key, "format": contract.format, "version": version}


def unreadable(contract: Contract, refused: NotReady, version: str | None) -> dict[str, Any]:
    """The result document of bytes that are no document of the contract's format."""
    report = Report(
        Verdict.UNKNOWN,
        Level.UNKNOWN,
        Mode(contract.mode),
        enforced=contract.mode != Mode.NONE,
        reason=refused.code,
        details={"message": refused.message, "errors": refused.errors, **refused.details},
    )
    return {
        **heading(contract, version),
        **report.as_dict(),
        "candidate": None,
        "passes": False,
        "bump": None,
        "suggested_version": None,
        "accepted": False,
    }


def bump_of(old: str, new: str, level: Level) -> dict[str, Any]:
    """What the number declares against what was computed."""
    try:
        declared = declared_bump(old, new)
    except Invalid as refused:
        return {"from": old, "declared": None, "computed": level, "enough": False, "reason": refused.code}
    same = declared is Level.NONE
    return {
        "from": old,
        "declared": declared,
        "computed": level,
        "enough": not same and bump_is_enough(declared, level),
        "reason": "VERSION_EXISTS" if same else "",
    }


def accepted(report: Report, bump: Mapping[str, Any] | None) -> bool:
    """Would posting it under this number be accepted for review?"""
    if bump is not None and bump["reason"]:
        return False
    if not report.enforced:
        return True
    return report.verdict is not Verdict.UNKNOWN and (bump is None or bump["enough"])


def sealed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the SHA-256 of its canonical bytes, so that it can be kept as evidence."""
    return {**document, "sha256": hashlib.sha256(canonical_bytes(document)).hexdigest()}


def refuse_unless_sound(result: Mapping[str, Any]) -> None:
    """Raise what a result document says no with; the whole document is in ``details.result``.

    ``Invalid`` (VERSION_NOT_NEWER), ``NotReady`` (NOT_ANALYSED, BUMP_TOO_SMALL).
    """
    if result["accepted"]:
        return
    bump, details = result["bump"] or {}, {"result": dict(result)}
    name = f"{result['contract']} {result['version']}"
    if bump.get("reason"):
        raise Invalid(f"{name} does not come after {bump['from']}.", code=bump["reason"], details=details)
    if result["verdict"] == Verdict.UNKNOWN:
        raise NotReady(
            f"{name} could not be compared with what is promised ({result['reason'] or 'NOT_ANALYSED'}); "
            "what was not analysed does not pass.",
            code="NOT_ANALYSED",
            details=details,
        )
    raise NotReady(
        f"{name} declares a {bump['declared']} change of {bump['from']}, but it is {bump['computed']}. "
        f"Post it as {result['suggested_version']}, or undo what breaks.",
        code="BUMP_TOO_SMALL",
        details=details,
    )


def keep_report(version: ContractVersion, result: Mapping[str, Any]) -> CompatibilityReport:
    """Store a version's result document; a draft's former one is replaced."""
    content = {name: value for name, value in result.items() if name != "sha256"}
    values = {
        "verdict": result["verdict"],
        "level": result["level"],
        "sha256": result["sha256"],
        "content": canonical_bytes(content),
    }
    return CompatibilityReport.objects.update_or_create(version=version, defaults=values)[0]


def version_number(version: str) -> tuple[int, int, int]:
    """Its three parts. Raises ``Invalid`` (BAD_VERSION)."""
    try:
        parts = parse_version(version)
    except Invalid as refused:
        raise Invalid(refused.message, code=refused.code, errors={"version": [refused.message]}) from None
    if max(parts) > LARGEST_PART:
        said = f"No part of a version is larger than {LARGEST_PART}."
        raise Invalid(said, code="BAD_VERSION", errors={"version": [said]})
    return parts
