"""What people read instead of codes: states, steps and kinds of record."""

import pytest
from django.apps import apps

from governance.templatetags.ui import STEPS, action_words, marked
from governance.web.home import PURPOSES
from governance.web.looks import LOOKS, record_words

OURS = ("governance", "catalog", "contracts", "approvals", "observability")


def test_every_state_of_every_record_has_a_look():
    states = {
        str(code).upper()
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.fields
        if field.name in ("state", "status", "verdict", "choice") and field.choices
        for code, _ in field.choices
        if code
    }
    assert "SLOW" in states
    assert states - set(LOOKS) == set()


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("contracts.version.publish", "Publish version"),
        ("catalog.interface.state_fact", "State fact"),
        ("approvals.change.vote", "Vote"),
        ("login", "Login"),
    ],
)
def test_a_step_is_said_in_words(action, said):
    assert action_words(action) == said


def test_the_words_of_steps_are_those_of_steps_that_are_taken(settings):
    sources = "".join(path.read_text() for app in OURS for path in (settings.BASE_DIR / app / "domain").rglob("*.py"))
    assert [action for action in STEPS if f'"{action}"' not in sources] == []


def test_a_record_is_named_by_its_kind():
    assert record_words("approvals.calendarentry") == "Calendar entry"
    assert record_words("gone.record") == "gone.record"
    assert record_words("nothing") == "nothing"


def test_code_in_a_sentence_is_marked_and_everything_is_escaped():
    assert marked("Send `If-Match`, <b>") == "Send <code>If-Match</code>, &lt;b&gt;"


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "leads"), [("oz", "Health"), ("ada", "Interfaces and systems"), ("bo", "Changes")])
def test_home_leads_with_what_its_sentence_promises(cast, as_user, name, leads):
    page = as_user(cast(name)).get("/").content.decode()
    assert any(sentence in page for _, sentence in PURPOSES)
    assert leads in page.partition('class="card home-part"')[2].partition("</h2>")[0]
