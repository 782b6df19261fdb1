"""The thirteen story interfaces, registered through the commands, are judged as the stories say."""

import pytest

from catalog.domain.decisions import assess_interface
from tests.factories import catalog as make


@pytest.mark.parametrize("key", make.ENDS)
def test_story_interface_is_judged_as_told(cast, seed_tables, key):
    expected = make.story(key)["expect"]
    assessed = assess_interface(make.story_interface(cast, key))
    spoken = {
        str(pattern): {"verdict": str(said.verdict), "rules": list(said.rules)}
        for pattern, said in assessed.verdicts.items()
        if said.rules
    }
    assert spoken == expected["verdicts"]
    assert (assessed.deviation, assessed.decider, assessed.forum, assessed.policy_gap) == (
        expected["deviation"], expected["decider"], expected["forum"], expected["policy_gap"],
    )  # fmt: skip
    assert (assessed.obligations["rto_min"], assessed.obligations["rpo_min"]) == (
        expected["rto_min"], expected["rpo_min"],
    )  # fmt: skip
