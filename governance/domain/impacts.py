"""What a draft table would change once in force: asked for, computed as a job, kept with the draft's content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from ..kernel.errors import Conflict, Invalid, WrongState
from ..kernel.findings import Finding
from ..models import DecisionTable, Job, User
from .audit import recorded
from .jobs import Progress, queue_job, register_work
from .measures import Question, Versions, impact_measures, measured, report_of
from .rules import require
from .tables import compiled

IMPACT = "table-impact"
#: Not in force yet: what they would change can still be asked.
AHEAD = ("DRAFT", "IN_REVIEW", "APPROVED")


def ask_impact(table: DecisionTable, *, effective_on: dt.date | None = None, now: dt.datetime, actor: User) -> Job:
    """Have it computed what this version would change for what is registered, on the day on which it begins.

    Raises ``WrongState`` for a version that is or was in force, ``Invalid`` for a day that has passed.
    """  # fmt: skip
    require(actor, "measure", table)
    check_ahead(table)
    day = effective_on or (table.effective_from.date() if table.effective_from else None)
    if effective_on and effective_on < now.date():
        raise Invalid("That day has passed.", errors={"effective_on": [f"{now.date()} or later"]})
    params = {
        "table": str(table.pk), "hash": compiled(table)[1], "against": version_in_force(table.key),
        "effective_on": day.isoformat() if day else "",
    }  # fmt: skip
    url = reverse("governance:table-impact", kwargs={"key": table.key, "version": table.version})
    return queue_job(IMPACT, title=f"Impact of {table}", params=params, url=url, now=now, actor=actor)


def check_ahead(table: DecisionTable) -> None:
    if table.state not in AHEAD:
        raise WrongState(f"{table} is {table.get_state_display().lower()}: ask of a version that is still to come.")


def version_in_force(key: str) -> str:
    return DecisionTable.objects.active().filter(key=key).values_list("version", flat=True).first() or ""


def compute_impact(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of one job: ask everything twice, keep what differs with the draft."""
    draft = DecisionTable.objects.get(pk=job.params["table"])
    said = job.params["effective_on"]
    day = dt.date.fromisoformat(said) if said else None
    against = version_in_force(draft.key)
    seen = measured(impact_measures(draft.key), Question(draft, Versions(draft), effective_on=day), progress)
    report = report_of(seen) | {"against": against, "effective_on": said, "at": progress.now.isoformat()}
    asker = job.requested_by
    store_impact(draft, report=report, content_hash=job.params["hash"], now=progress.now, actor=asker)
    return {"counts": report["counts"], "left_off": report["left_off"]}


register_work(IMPACT, compute_impact)


def store_impact(
    table: DecisionTable, *, report: Mapping[str, Any], content_hash: str, now: dt.datetime, actor: User
) -> DecisionTable:
    """Keep an impact with the content that it was computed of. Raises ``Conflict`` when the draft was edited since."""
    require(actor, "measure", table)
    facts = {"counts": report["counts"], "against": report["against"], "impact_hash": content_hash}
    with recorded("governance.table.measure", actor=actor, subject=table, now=now, facts=facts):
        fresh = DecisionTable.objects.get(pk=table.pk)
        check_ahead(fresh)
        if compiled(fresh)[1] != content_hash:
            raise Conflict(f"{table} was edited while its impact was computed. Ask again.", code="IMPACT_STALE")
        # Its revision stays: nothing that an editor may have on the screen has changed.
        DecisionTable.objects.filter(pk=table.pk).update(impact=dict(report), impact_hash=content_hash)
    table.refresh_from_db(fields=["impact", "impact_hash"])
    return table


def impact_findings(table: DecisionTable) -> list[Finding]:
    """What is amiss with the kept impact of a version that is still to come; nothing: it is of this very content."""
    if not table.impact:
        said = "Nobody has computed yet what this version would change: compute its impact."
        return [Finding("IMPACT_MISSING", said, where="impact")]
    if table.impact_hash != compiled(table)[1]:
        said = "Its rules were edited after the impact was computed: compute it again."
        return [Finding("IMPACT_STALE", said, where="impact")]
    against, present = table.impact.get("against", ""), version_in_force(table.key)
    if against != present:
        said = (
            f"It was compared with version {against or 'none'}, and {present or 'none'} is in force: compute it again."
        )
        return [Finding("IMPACT_STALE", said, where="impact")]
    return []


def impact_said(table: DecisionTable) -> dict[str, Any]:
    """What is kept of the impact with a publication: its figures, and whether it is of the published content."""
    wrong = [one.code for one in impact_findings(table)]
    said = {"computed": bool(table.impact), "of_this_content": not wrong, "findings": wrong}
    if table.impact:
        said |= {"counts": table.impact["counts"], "against": table.impact["against"], "at": table.impact["at"]}
    return said


def impact_sentence(report: Mapping[str, Any]) -> str:
    """ "42 interfaces would become non-conforming on 1 July 2026": what a board reads first."""
    counts = report.get("counts", {})
    day = report.get("effective_on", "")
    when = f"on {day_words(dt.date.fromisoformat(day))}" if day else "when this version comes into force"
    grave, better = counts.get("NON_CONFORMING", 0), counts.get("CONFORMING", 0)
    said = f"{count_words(grave, 'interface')} would become non-conforming {when}." if grave else (
        f"No interface would become non-conforming {when}."
    )  # fmt: skip
    if better:
        said += f" {count_words(better, 'interface')} would conform again."
    return said


def day_words(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def count_words(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
