"""What happens, for other programs: the audit's actions as events, written for those who asked, in one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any, Protocol
from urllib.parse import urljoin

from django.conf import settings
from django.db import models
from django.urls import NoReverseMatch, reverse

from ..models import User, WebhookDelivery, WebhookEndpoint

#: What is told to others, by the audit's action. A type is never renamed; new ones may be added.
EVENTS = {
    "approvals.change.open": "change.opened",
    "approvals.change.submit": "change.submitted",
    "approvals.change.revise": "change.revised",
    "approvals.change.vote": "change.voted",
    "approvals.change.authorise": "change.authorised",
    "approvals.change.reject": "change.rejected",
    "approvals.change.implement": "change.implemented",
    "approvals.change.hold": "change.held",
    "approvals.change.close": "change.closed",
    "approvals.change.cancel": "change.cancelled",
    "approvals.change.ratify": "change.ratified",
    "approvals.change.refuse_ratification": "change.ratification_refused",
    "approvals.change.escalate": "change.escalated",
    "approvals.change.open_unauthorized": "change.found_unauthorised",
    "approvals.template.suspend": "template.suspended",
    "approvals.calendar_entry.declare": "calendar.declared",
    "approvals.calendar_entry.amend": "calendar.amended",
    "approvals.calendar_entry.withdraw": "calendar.withdrawn",
    "contracts.version.publish": "contract.published",
    "contracts.version.deprecate": "contract.deprecated",
    "catalog.interface.apply": "interface.changed",
    "catalog.interface.suspend": "interface.suspended",
    "catalog.interface.resume": "interface.resumed",
    "catalog.finding.raise": "finding.raised",
    "catalog.finding.fix": "finding.fixed",
    "catalog.finding.waive": "finding.waived",
    "catalog.finding.reopen": "finding.reopened",
    "governance.table.activate": "table.activated",
}
#: The page that shows a record, by its kind.
PAGES = {
    "approvals.changerequest": "approvals:change",
    "approvals.standardchangetemplate": "approvals:template",
    "catalog.interface": "catalog:interface",
    "governance.decisiontable": "governance:table",
}


class Happened(Protocol):
    """What the audit remembers of one command."""

    action: str
    actor: User
    subject: models.Model
    at: dt.datetime


def announce(happened: Iterable[Happened]) -> None:
    """A delivery for each endpoint that wants each event; the clock sends them. Nobody asks, nothing is read."""
    told = [one for one in happened if one.action in EVENTS]
    endpoints = list(WebhookEndpoint.objects.filter(active=True)) if told else []
    WebhookDelivery.objects.bulk_create(
        delivery
        for one in (told if endpoints else [])
        for delivery in deliveries_of(event_of(one), endpoints, at=one.at)
    )


def deliveries_of(
    event: dict[str, Any], endpoints: Iterable[WebhookEndpoint], *, at: dt.datetime
) -> list[WebhookDelivery]:
    return [
        WebhookDelivery(
            endpoint=one, event_id=event["id"], event_type=event["type"], event=event, due_at=at, created_at=at
        )
        for one in endpoints
        if is_wanted(event["type"], one.event_types)
    ]


def is_wanted(event_type: str, wanted: list[str]) -> bool:
    """``wanted`` are whole types or beginnings that end with a dot; none: everything."""
    return not wanted or any(event_type == one or (one.endswith(".") and event_type.startswith(one)) for one in wanted)


def event_of(one: Happened) -> dict[str, Any]:
    """A CloudEvent 1.0 in structured mode: what happened to which record, by whom, and where to read more.

    It names records and says nothing of what they hold: who wants more asks the API with their own rights.
    """
    about = getattr(one.subject, "change", None) or one.subject
    key = str(getattr(about, "key", None) or about.pk)
    data = {
        "kind": about._meta.model_name, "key": key, "action": one.action, "actor": str(one.actor),
        "url": address_of(about, key),
    }  # fmt: skip
    if state := getattr(about, "state", ""):
        data["state"] = state
    return cloud_event(EVENTS[one.action], subject=key, at=one.at, data=data)


def cloud_event(event_type: str, *, subject: str, at: dt.datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": settings.PUBLIC_URL,
        "type": event_type,
        "subject": subject,
        "time": at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": data,
    }


def address_of(record: models.Model, key: str) -> str:
    """The record's page; the product's own address where it has none."""
    try:
        return urljoin(settings.PUBLIC_URL, reverse(PAGES.get(record._meta.label_lower, ""), kwargs={"key": key}))
    except NoReverseMatch:
        return settings.PUBLIC_URL
