"""What contradicts policy about an interface: raised once, kept until it is fixed, waived or shown to be none."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F, QuerySet

from governance.domain.audit import recorded
from governance.domain.rules import require, visible, visible_or_404
from governance.kernel.errors import Invalid, NotAllowed, NotFound
from governance.models import User

from ..lifecycle import FINDING
from ..models import Finding, Interface, Severity

LIVE = ("OPEN", "WAIVED")
#: What a person saw and wrote down; every other code is computed, and settles when its check finds it no more.
REPORTED = "REPORTED"


def fingerprint_of(*parts: Any) -> str:
    """64 hex digits that name one contradiction: the same parts are the same finding."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()


def raise_finding(
    interface: Interface,
    *,
    code: str,
    severity: str,
    message: str,
    source: str,
    fingerprint: str = "",
    details: Mapping[str, Any] | None = None,
    now: dt.datetime,
    actor: User,
) -> Finding:
    """State what a check found, inside the caller's own transaction; found again, it is the same finding.

    ``fingerprint`` names the contradiction (of the code alone when empty). What was fixed and comes back opens again,
    what is waived or was shown to be none stays so; what an open one says is brought up to date.
    """  # fmt: skip
    mark = fingerprint or fingerprint_of(code)
    said = {
        "code": code, "severity": Severity(severity).value, "message": message[:400], "source": source[:120],
        "details": dict(details or {}),
    }  # fmt: skip
    known = latest_of(interface, mark)
    if known is None:
        return write_finding(Finding(interface=interface, fingerprint=mark, found_at=now, **said), now=now, actor=actor)
    if known.state == "FIXED":
        return reopen_finding(known, reason=f"Found again by {source}.", now=now, actor=actor, **said)
    if known.state in LIVE and any(getattr(known, name) != value for name, value in said.items()):
        with recorded("catalog.finding.raise", actor=actor, subject=known, now=now):
            Finding.objects.filter(pk=known.pk).update(**said, revision=F("revision") + 1)
        known.refresh_from_db()
    return known


def latest_of(interface: Interface, fingerprint: str) -> Finding | None:
    """The live row of a contradiction, else the one settled last; None when it was never found."""
    rows = list(Finding.objects.filter(interface=interface, fingerprint=fingerprint).order_by("-found_at"))
    return next((row for row in rows if row.state in LIVE), rows[0] if rows else None)


def write_finding(finding: Finding, *, now: dt.datetime, actor: User) -> Finding:
    """Store it; of two checks that find the same at once, both get the one row."""
    try:
        with recorded("catalog.finding.raise", actor=actor, subject=finding, now=now):
            finding.save(force_insert=True)
    except IntegrityError:
        other = latest_of(finding.interface, finding.fingerprint)
        if other is None:
            raise
        return other
    return finding


def settle_finding(finding: Finding, *, reason: str, now: dt.datetime, actor: User) -> Finding:
    """It is no longer so: FIXED, inside the caller's own transaction. Settled already, it stays as it is."""
    if finding.state not in LIVE:
        return finding
    with recorded("catalog.finding.fix", actor=actor, subject=finding, now=now, reason=reason):
        FINDING.move(finding, "fix", settled_at=now)
    return finding


def settle_others(
    interface: Interface, *, code: str, besides: Collection[str] = (), reason: str, now: dt.datetime, actor: User
) -> int:
    """Settle the live findings of ``code`` that a check did not find again; ``besides`` are the fingerprints it did."""
    gone = Finding.objects.filter(interface=interface, code=code, state__in=LIVE).exclude(fingerprint__in=list(besides))
    return len([settle_finding(one, reason=reason, now=now, actor=actor) for one in gone])


def waive_finding(finding: Finding, *, waiver: str, now: dt.datetime, actor: User) -> Finding:
    """A waiver in force covers it: WAIVED, with the waiver's key, which another may replace.

    Raises ``WrongState`` when it is settled.
    """
    with recorded("catalog.finding.waive", actor=actor, subject=finding, now=now, reason=waiver):
        if finding.state == "WAIVED":
            Finding.objects.filter(pk=finding.pk, state="WAIVED").update(waiver=waiver, revision=F("revision") + 1)
            finding.refresh_from_db()
        else:
            FINDING.move(finding, "waive", waiver=waiver)
    return finding


def reopen_finding(finding: Finding, *, reason: str, now: dt.datetime, actor: User, **said: Any) -> Finding:
    """It stands again: OPEN, without a waiver, inside the caller's own transaction. An open one stays as it is."""
    if finding.state == "OPEN":
        return finding
    values = {"waiver": "", "settled_at": None, "found_at": now, **said}
    with recorded("catalog.finding.reopen", actor=actor, subject=finding, now=now, reason=reason):
        FINDING.move(finding, "reopen", **values)
    return finding


def report_finding(interface: Interface, *, severity: str, message: str, now: dt.datetime, actor: User) -> Finding:
    """A person saw what contradicts policy and no check computes. Said again in the same words, it is the same one.

    Raises ``Invalid`` beside the field for a severity that does not exist and for an empty or too long message.
    """
    require(actor, "report_finding", interface)
    check_message(severity, message)
    return raise_finding(
        interface, code=REPORTED, severity=severity, message=message.strip(), source=f"Reported by {actor}",
        fingerprint=fingerprint_of(REPORTED, message.strip().lower()), now=now, actor=actor,
    )  # fmt: skip


def check_message(severity: str, message: str) -> None:
    errors = {}
    if severity not in Severity.values:
        errors["severity"] = [f"One of {', '.join(Severity.values)}."]
    if not 0 < len(message.strip()) <= 400:
        errors["message"] = ["Say what contradicts policy, in 400 characters at most."]
    if errors:
        raise Invalid("This finding cannot be kept.", errors=errors)


def fix_finding(finding: Finding, *, reason: str, now: dt.datetime, actor: User) -> Finding:
    """The owner mended what a person had reported. Raises ``NotAllowed`` (FINDING_COMPUTED) for what a check found."""
    require(actor, "fix", finding)
    FINDING.check(finding, "fix")
    if finding.code != REPORTED:
        raise NotAllowed(
            "A check found it and settles it once it finds it no more: nobody states that.", code="FINDING_COMPUTED"
        )
    return settle_finding(finding, reason=said_why(reason), now=now, actor=actor)


def dismiss_finding(finding: Finding, *, reason: str, now: dt.datetime, actor: User) -> Finding:
    """It never was one: FALSE_POSITIVE, with the reason, and not raised again. Not for those whose interface it is."""
    require(actor, "dismiss", finding)
    why = said_why(reason)
    with recorded("catalog.finding.dismiss", actor=actor, subject=finding, now=now, reason=why):
        FINDING.move(finding, "dismiss", settled_at=now)
    return finding


def restore_finding(finding: Finding, *, reason: str, now: dt.datetime, actor: User) -> Finding:
    """It is one after all: what was fixed or dismissed is open again. A waived one ends with its waiver only."""
    require(actor, "restore", finding)
    FINDING.check(finding, "reopen")
    if finding.state == "WAIVED":
        raise NotAllowed(f"{finding.waiver} covers it: revoke the waiver.", code="FINDING_WAIVED")
    return reopen_finding(finding, reason=said_why(reason), now=now, actor=actor)


def said_why(reason: str) -> str:
    if not reason.strip():
        raise Invalid("Say why: it is kept with the finding.", errors={"reason": ["A sentence."]})
    return reason.strip()


def findings_of(actor: User) -> QuerySet[Finding]:
    """The findings on interfaces that the actor may see, with what a list shows of them."""
    return visible(Finding.objects.ranked().select_related("interface__provider__domain"), actor)


def findings_on(interface: Interface) -> QuerySet[Finding]:
    """What stands against one interface now, the worst first: open and waived ones."""
    return interface.findings.filter(state__in=LIVE).worst_first()


def finding_named(actor: User, named: Any) -> Finding:
    """One finding by its id. Raises ``NotFound``, also for what is no id."""
    try:
        return visible_or_404(Finding.objects.select_related("interface__provider__domain"), actor, pk=UUID(str(named)))
    except ValueError:
        raise NotFound("There is no such finding, or you may not see it.") from None
