"""The pages of single classes of change: on a desk and on a phone, in light and in dark."""

import pytest

from approvals.models import StandardChangeTemplate
from catalog.models import Interface
from tests.cast import PLAYED
from tests.factories import approvals as make
from tests.factories import classes

from .test_pages import check

pytestmark = pytest.mark.browser
PAGES = {
    "/changes/standard/": "ada",
    "/changes/standard/more-volume/": "max",
    "/changes/standard/new/": "max",
    "/changes/standard/of/IF-SUR-004/": "ada",
    "/changes/standard/more-volume/ask/IF-SUR-004/": "ada",
    "/changes/emergency/IF-SUR-004/": "ada",
    "/changes/report/IF-SUR-004/": "oz",
    "/changes/emergencies/": "fay",
    "/changes/unauthorized/": "bo",
    "/changes/teams/": "max",
    "/changes/{emergency}/": "fay",
    "/changes/{found}/": "oz",
    "/changes/{closed}/": "max",
}


@pytest.fixture(scope="module")
def records(stage):
    """A template in force with its samples, an emergency to be ratified, and a finding without a verdict."""
    for name in PLAYED:
        stage(name)
    stage.domains()
    charges = make.interface_in_force(stage, "IF-SUR-004")
    classes.active_template(stage, charges, at=stage.now + 5 * classes.DAY)
    cases = make.interface_in_force(stage)
    emergency = classes.running_emergency(stage, cases, at=stage.now + 60 * classes.DAY)
    cases = Interface.objects.with_parties().get(key="IF-SUR-001")
    found = classes.found_change(stage, cases, at=stage.now + 61 * classes.DAY)
    closed = StandardChangeTemplate.objects.get().samples.first()
    return {"emergency": emergency.key, "found": found.key, "closed": closed.key}


@pytest.mark.parametrize("path", PAGES)
def test_page_is_sound(desk, records, path):
    check(desk, PAGES[path], path.format(**records))
