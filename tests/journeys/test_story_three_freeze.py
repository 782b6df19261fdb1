"""Story 3's freeze, the 26th of June to the 6th of July: certificates inside it need operations, outside nobody.

And story 1's sum, 72 h refused at 41 h, said while the window is chosen and refused when it is asked for. The doors
ask the real clock, so the story's days are those of the next summer that is still to come.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from approvals.models import CalendarEntry, ChangeRequest
from catalog.models import Interface
from tests.cast import PASSWORD
from tests.factories import approvals as make
from tests.factories import catalog, classes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
CHICAGO = ZoneInfo("America/Chicago")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
KEY = "IF-SUR-005"


@pytest.fixture
def now():
    """Everything that the story stands on was made two months ago."""
    return timezone.now() - 60 * DAY


@pytest.fixture
def summer():
    """The story's year moved so far ahead that its freeze is still to come."""
    today = timezone.now().astimezone(CHICAGO).date()
    return today.year if today < dt.date(today.year, 6, 1) else today.year + 1


@pytest.fixture
def rotation(cast):
    """An ERP interface in force, and the template by which its certificates are rotated without a vote."""
    made = make.interface_in_force(cast, KEY)
    return classes.active_template(cast, made, at=cast.now + 6 * DAY, title="Rotate certificates")


def typed(moment):
    """As a date and time field takes it."""
    return f"{moment:%Y-%m-%dT%H:%M}"


def declare_freeze(client, summer):
    """The change manager types it on Chicago's clock: the first midnight, and the one after the last day."""
    return client.post(
        "/changes/calendar/new/",
        {
            "kind": "BLACKOUT", "name": "Cloud-ERP cutover freeze", "scope": "domain:ERP", "zone": "America/Chicago",
            "starts_at": f"{summer}-06-26T00:00", "ends_at": f"{summer}-07-07T00:00", "repeats": "",
            "reason": "Finance and supply chain move to CloudERP.",
        },
    )  # fmt: skip


def ask_rotation(client, template, opens, **values):
    """The owner's request by the template's form, for a window of two hours."""
    opens = opens.astimezone(dt.UTC)
    said = {"window_start": typed(opens), "window_end": typed(opens + 2 * HOUR), "volume_day": "610", **values}
    return client.post(f"/changes/standard/{template.key}/ask/{KEY}/", said)


def needs(api, cast, change):
    """Who is asked, as programs read it, and the rules that spoke, as they are kept with the change."""
    shown = api(cast("gus")).get(f"/api/v1/changes/{change.key}/").json()
    return [one["label"] for one in shown["requirements"]], ChangeRequest.objects.get(pk=change.pk).policy["rules"]


def test_certificates_in_the_freeze_need_operations_and_outside_nobody(cast, as_user, api, rotation, summer):
    catalog.facility(cast)
    assert declare_freeze(as_user(cast("max")), summer).status_code == 302
    freeze = CalendarEntry.objects.get()
    assert (freeze.zone, (freeze.ends_at - freeze.starts_at) / DAY) == ("America/Chicago", 11)
    ada = as_user(cast("ada"))

    last_night = dt.datetime(summer, 7, 6, 22, tzinfo=CHICAGO)
    window = {"window_start": typed(last_night.astimezone(dt.UTC)), "change_class": "STANDARD"}
    live = ada.get(f"/changes/window/{KEY}/", window).content.decode()
    assert "Cloud-ERP cutover freeze (ERP) freezes changes, 26 Jun" in live
    assert ask_rotation(ada, rotation, last_night).status_code == 302
    inside = ChangeRequest.objects.get(template=rotation)
    assert (inside.state, inside.policy["facts"]["blackout"]) == ("AUTHORIZE", True)
    assert needs(api, cast, inside) == (["OPERATIONS"], ["A01", "A15"])
    page = as_user(cast("fay")).get(f"/changes/{inside.key}/").content.decode()
    assert "Inside a freeze" in page
    assert "You vote as <b>Operations</b>" in page
    ballot = {"choice": "APPROVE", "revision_hash": inside.revision_hash, "signature": PASSWORD}
    as_user(cast("fay")).post(f"/changes/{inside.key}/vote/", ballot | {"sign_method": "PASSWORD"})
    inside.refresh_from_db()
    assert inside.state == "SCHEDULED"

    assert ada.post(f"/changes/{inside.key}/cancel/", {"reason": "After the freeze"}).status_code == 302
    assert ask_rotation(ada, rotation, last_night + 2 * HOUR).status_code == 302
    outside = ChangeRequest.objects.filter(template=rotation).latest("key")
    assert (outside.state, outside.policy["facts"]["blackout"]) == ("SCHEDULED", False)
    assert needs(api, cast, outside) == ([], ["A01"])


def test_withdrawn_the_freeze_asks_nobody(cast, as_user, api, rotation, summer):
    manager = as_user(cast("max"))
    catalog.facility(cast)
    declare_freeze(manager, summer)
    manager.post(f"/changes/calendar/entries/{CalendarEntry.objects.get().pk}/withdraw/", {"reason": "Postponed"})
    ask_rotation(as_user(cast("ada")), rotation, dt.datetime(summer, 6, 27, 2, tzinfo=CHICAGO))
    change = ChangeRequest.objects.get(template=rotation)
    assert (change.state, needs(api, cast, change)) == ("SCHEDULED", ([], ["A01"]))


def test_72_h_of_lead_time_are_refused_at_41_h(cast, as_user):
    """IF-SUR-001: live beside the form, refused when it is asked for, and taken at the window that is offered."""
    interface = make.decided_interface(cast)
    ada = as_user(cast("ada"))
    opens = timezone.now() + 41 * HOUR + dt.timedelta(minutes=2)
    said = {
        "reason": "Cases are charged by hand today.", "plan": "Mediate.", "backout": "Stop the channel.",
        "window_start": typed(opens),
    }  # fmt: skip
    asked = {"window_start": typed(opens), "change_type": "NEW_INTERFACE"}
    live = ada.get(f"/changes/window/{interface.key}/", asked).content.decode()
    assert "(41 h &lt; 72 h)" in live
    refused = ada.post(f"/changes/submit/{interface.key}/", said)
    assert (refused.status_code, "41 h &lt; 72 h" in refused.content.decode()) == (400, True)
    assert not ChangeRequest.objects.exists()
    offered = dict(re.findall(r"(window_start|window_end)=([\dT%A:-]+)", live))
    start = offered["window_start"].replace("%3A", ":")
    lead = dt.datetime.fromisoformat(f"{start}+00:00") - timezone.now()
    assert 72 * HOUR - dt.timedelta(minutes=1) <= lead <= 72 * HOUR + dt.timedelta(minutes=15)
    assert ada.post(f"/changes/submit/{interface.key}/", {**said, "window_start": start}).status_code == 302
    assert (ChangeRequest.objects.get().lead_hours, Interface.objects.get().state) == (72, "IN_REVIEW")
