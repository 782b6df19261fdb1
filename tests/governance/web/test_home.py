"""Home: what waits, and the one thing that a role most often comes for."""

import pytest


@pytest.mark.parametrize(
    ("name", "label"),
    [("ada", "Request an interface"), ("bo", "Changes to vote on"), ("ivy", "Open the scorecard"), ("uma", None)],
)
def test_home_offers_what_the_role_most_often_comes_for(cast, as_user, name, label):
    page = as_user(cast(name)).get("/").content.decode()
    offered = [said for said in ("Request an interface", "Changes to vote on", "Open the scorecard") if said in page]
    assert offered == ([label] if label else [])
