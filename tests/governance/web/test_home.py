"""Home: what waits, and the one thing that a role most often comes for."""

import pytest
from django.urls import reverse

from governance.models import Notice


@pytest.mark.parametrize(
    ("name", "label"),
    [("ada", "Request an interface"), ("bo", "Open the inbox"), ("ivy", "Open the scorecard"), ("uma", None)],
)
def test_home_offers_what_the_role_most_often_comes_for(cast, as_user, name, label):
    page = as_user(cast(name)).get("/").content.decode()
    offered = [said for said in ("Request an interface", "Open the inbox", "Open the scorecard") if said in page]
    assert offered == ([label] if label else [])


def test_a_read_notice_leaves_home(cast, as_user):
    notice = Notice.objects.create(recipient=cast("ada"), kind="NEWS", message="The window moved", at=cast.now)
    ada, address = as_user(cast("ada")), reverse("governance:read-notice", args=[notice.pk])
    assert address in ada.get("/").content.decode()
    assert as_user(cast("uma")).post(address).status_code == 404
    assert ada.get(address).status_code == 405
    assert ada.post(address).headers["Location"] == "/"
    assert "The window moved" not in ada.get("/").content.decode()
