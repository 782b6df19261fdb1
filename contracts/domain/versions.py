"""The life of a contract version: drafted or posted, reviewed, published under a mandate, superseded."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError

from catalog.domain.readiness import state_fact
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Conflict, Invalid, WrongState
from governance.kernel.mandate import Mandate
from governance.models import User

from ..formats.base import Document as Parsed
from ..formats.base import Mode
from ..lifecycle import OPEN_STATES, SUNSET_DAYS, SUNSET_DAYS_OF_TIER, VERSION
from ..models import Contract, ContractVersion
from .checking import followed_by, keep_report, refuse_unless_sound, result_of, version_number
from .documents import keep, read_candidate, stored

LONGEST_NOTES = 4000


def draft_version(
    contract: Contract, *, version: str, text: bytes, notes: str = "", now: dt.datetime, actor: User
) -> ContractVersion:
    """A DRAFT with its comparison beside it; whether its number declares enough is asked when it is submitted.

    The same number with the same document is the same version. Raises ``Invalid`` (BAD_VERSION), ``NotReady``
    (UNPARSABLE), ``TooLarge``, ``Conflict`` (VERSION_EXISTS).
    """
    require(actor, "draft_version", contract)
    numbered = version_number(version)
    parsed = read_candidate(contract, text)
    present = same_version(contract, version, parsed)
    if present:
        return present
    row = new_row(contract, version, numbered, notes=notes, actor=actor)
    with recorded("contracts.version.draft", actor=actor, subject=row, now=now, facts={"sha256": parsed.sha256}):
        insert(row, parsed, result_of(contract, parsed, version=version))
    return row


def post_version(
    contract: Contract, *, version: str, text: bytes, notes: str = "", now: dt.datetime, actor: User
) -> tuple[ContractVersion, bool]:
    """A pipeline's candidate, straight to IN_REVIEW; False with it when it was there already, byte for byte.

    Raises what ``draft_version`` raises, and with the result document in ``details`` ``NotReady`` (BUMP_TOO_SMALL,
    NOT_ANALYSED) and ``Invalid`` (VERSION_NOT_NEWER). Nothing is stored then.
    """
    require(actor, "post_version", contract)
    numbered = version_number(version)
    parsed = read_candidate(contract, text)
    present = same_version(contract, version, parsed)
    if present:
        return in_review(present, now=now, actor=actor), False
    result = result_of(contract, parsed, version=version)
    refuse_unless_sound(result)
    row = new_row(contract, version, numbered, notes=notes, actor=actor)
    try:
        with recorded("contracts.version.post", actor=actor, subject=row, now=now, facts={"sha256": parsed.sha256}):
            insert(row, parsed, result)
            VERSION.move(row, "submit")
    except IntegrityError:  # another pipeline took the number meanwhile
        present = same_version(contract, version, parsed)
        if present is None:
            raise
        return present, False
    return row, True


def in_review(present: ContractVersion, *, now: dt.datetime, actor: User) -> ContractVersion:
    """Posting what lies there as a draft submits it; everything later is as far as it is."""
    return submit_version(present, now=now, actor=actor) if present.state in OPEN_STATES else present


def new_row(
    contract: Contract, version: str, numbered: tuple[int, int, int], *, notes: str, actor: User
) -> ContractVersion:
    check_notes(notes)
    major, minor, patch = numbered
    return ContractVersion(
        contract=contract,
        version=version,
        major=major,
        minor=minor,
        patch=patch,
        declared_by=actor,
        notes=notes,
    )


def check_notes(notes: str) -> None:
    if len(notes) > LONGEST_NOTES:
        said = f"At most {LONGEST_NOTES} characters."
        raise Invalid("The notes are too long.", errors={"notes": [said]})


def insert(row: ContractVersion, parsed: Parsed, result: dict[str, Any]) -> None:
    row.document, row.level = keep(parsed), result["level"]
    row.save(force_insert=True)
    keep_report(row, result)


def same_version(contract: Contract, version: str, parsed: Parsed) -> ContractVersion | None:
    """The version of this number when its document is the same. Raises ``Conflict`` when it is another."""
    present = contract.versions.select_related("document").filter(version=version).first()
    if present and present.document.sha256 != parsed.sha256:
        raise Conflict(
            f"{contract.key} {version} exists with another document. A number is given once: take the next one.",
            code="VERSION_EXISTS",
            details={
                "state": present.state,
                "stored_sha256": present.document.sha256,
                "given_sha256": parsed.sha256,
            },
        )
    return present


def revise_version(
    version: ContractVersion, *, text: bytes, notes: str | None = None, now: dt.datetime, actor: User
) -> ContractVersion:
    """Exchange a DRAFT's document. From IN_REVIEW on the content is fixed: ``WrongState``."""
    require(actor, "revise", version)
    if version.state not in OPEN_STATES:
        raise WrongState(
            f"{version} is {version.state}: its document is fixed. Post the change as a new version.",
            details={"state": version.state},
        )
    if notes is not None:
        check_notes(notes)
    parsed = read_candidate(version.contract, text)
    result = result_of(version.contract, parsed, version=version.version, besides=version)
    seen, values = version.revision, {"notes": version.notes if notes is None else notes, "level": result["level"]}
    with recorded("contracts.version.revise", actor=actor, subject=version, now=now, facts={"sha256": parsed.sha256}):
        mine = ContractVersion.objects.filter(pk=version.pk, state__in=OPEN_STATES, revision=seen)
        if not mine.update(**values, document=keep(parsed), revision=seen + 1, updated_at=now):
            raise WrongState(f"{version} has moved or was revised since you saw it. Reload it and look again.")
        keep_report(version, result)
    version.refresh_from_db()
    return version


def submit_version(version: ContractVersion, *, now: dt.datetime, actor: User) -> ContractVersion:
    """DRAFT to IN_REVIEW, if its number declares what it changes; compared afresh with what is promised now."""
    require(actor, "submit", version)
    VERSION.check(version, "submit")
    result = fresh_result(version)
    refuse_unless_sound(result)
    with recorded("contracts.version.submit", actor=actor, subject=version, now=now):
        VERSION.move(version, "submit", level=result["level"])
        keep_report(version, result)
    return version


def reopen_version(version: ContractVersion, *, now: dt.datetime, actor: User) -> ContractVersion:
    """A rejected version is asked for once more, unchanged; another document needs another number."""
    require(actor, "reopen", version)
    VERSION.check(version, "reopen")
    refuse_unless_sound(fresh_result(version))
    with recorded("contracts.version.reopen", actor=actor, subject=version, now=now):
        VERSION.move(version, "reopen")
    return version


def approve_version(version: ContractVersion, *, mandate: Mandate, now: dt.datetime, actor: User) -> ContractVersion:
    """The board agreed: the interface may be tested with it."""
    require(actor, "approve", version)
    mandate.redeem(subject=version, action="approve")
    with recorded("contracts.version.approve", actor=actor, subject=version, mandate=mandate, now=now):
        VERSION.move(version, "approve")
        state_contract_fact(version, "contract_approved", mandate=mandate, now=now, actor=actor)
    return version


def reject_version(
    version: ContractVersion, *, reason: str, mandate: Mandate, now: dt.datetime, actor: User
) -> ContractVersion:
    """The board said no."""
    require(actor, "reject", version)
    mandate.redeem(subject=version, action="reject")
    with recorded("contracts.version.reject", actor=actor, subject=version, mandate=mandate, now=now, reason=reason):
        VERSION.move(version, "reject")
    return version


def publish_version(version: ContractVersion, *, mandate: Mandate, now: dt.datetime, actor: User) -> ContractVersion:
    """Make an approved version the one that consumers may rely on; the former one gets its sunset.

    Raises ``NotAllowed`` (MANDATE), ``WrongState``, and, when another version was published since the comparison,
    what ``refuse_unless_sound`` raises.
    """
    require(actor, "publish", version)
    VERSION.check(version, "publish")
    check_still_sound(version)
    mandate.redeem(subject=version, action="apply")
    with recorded("contracts.version.publish", actor=actor, subject=version, mandate=mandate, now=now):
        supersede_published(version, mandate=mandate, now=now, actor=actor)
        VERSION.move(version, "publish", published_at=now)
        state_contract_fact(version, "contract_published", mandate=mandate, now=now, actor=actor)
    return version


def fresh_result(version: ContractVersion) -> dict[str, Any]:
    contract = version.contract
    parsed = stored(contract.format, version.document.sha256)
    return result_of(contract, parsed, version=version.version, besides=version)


def check_still_sound(version: ContractVersion) -> None:
    """Compare again only if what it would be held against is no longer what its report names."""
    mode = Mode(version.contract.mode)
    earlier = [row.version for row in followed_by(version.contract, besides=version)]
    against = set(earlier if mode.transitive else earlier[:1])
    if against != {each["version"] for each in version.report.result["checked"]}:
        refuse_unless_sound(fresh_result(version))


def supersede_published(version: ContractVersion, *, mandate: Mandate, now: dt.datetime, actor: User) -> None:
    days = SUNSET_DAYS_OF_TIER.get(version.contract.interface.tier, SUNSET_DAYS)
    for former in version.contract.versions.published().exclude(pk=version.pk):
        with recorded("contracts.version.deprecate", actor=actor, subject=former, mandate=mandate, now=now):
            VERSION.move(former, "deprecate", sunset_on=now.date() + dt.timedelta(days=days))


def state_contract_fact(
    version: ContractVersion, requirement: str, *, mandate: Mandate, now: dt.datetime, actor: User
) -> None:
    """Tell the interface, left of us, what its guards wait for."""
    done = requirement.removeprefix("contract_")
    state_fact(
        version.contract.interface,
        requirement=requirement,
        satisfied=True,
        reason=f"{version} was {done}.",
        source=mandate.change,
        now=now,
        actor=actor,
    )
