"""A mandate covers one record, one action, one revision, once."""

import pytest

from governance.kernel.errors import NotAllowed
from governance.kernel.mandate import Mandate
from governance.models import DecisionTable

SUBJECT = DecisionTable(key="k", version="1")


def mandate(**other):
    given = {
        "change": "CR-2026-0001",
        "subject_type": "governance.decisiontable",
        "subject_id": str(SUBJECT.pk),
        "action": "publish",
        "revision_hash": "a" * 64,
        "authorised_hash": "a" * 64,
    }
    return Mandate(**{**given, **other})


def test_a_mandate_serves_once():
    held = mandate()
    held.redeem(subject=SUBJECT, action="publish")
    with pytest.raises(NotAllowed) as refused:
        held.redeem(subject=SUBJECT, action="publish")
    assert (refused.value.code, "used already" in refused.value.message) == ("MANDATE", True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"change": ""}, "names no change"),
        ({"subject_id": "another"}, "another record"),
        ({"subject_type": "catalog.interface"}, "another record"),
        ({"action": "approve"}, "given to approve"),
        ({"revision_hash": "b" * 64}, "revised after"),
    ],
)
def test_a_mandate_refuses_what_it_does_not_cover(wrong, said):
    with pytest.raises(NotAllowed) as refused:
        mandate(**wrong).redeem(subject=SUBJECT, action="publish")
    assert said in refused.value.message
