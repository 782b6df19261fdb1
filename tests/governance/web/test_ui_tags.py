"""The components: what they say in words, to a screen reader, and on hover."""

import datetime as dt
import re

import pytest
from django import forms
from django.template import Context, Template

from governance.doors.pages import harmless
from governance.web.looks import LOOKS, look_of, words

MOMENT = dt.datetime(2026, 5, 26, 9, 5, 7, tzinfo=dt.UTC)


def drawn(source: str, **context) -> str:
    return Template(source).render(Context(context))


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("state", "tone", "icon", "said"),
    [
        ("ACTIVE", "good", "circle-check", "Active"),
        ("IN_REVIEW", "info", "progress", "In review"),
        ("PROHIBITED", "bad", "ban", "Prohibited"),
        ("REQUIRED", "strong", "asterisk", "Required"),
        ("DOWN", "bad", "circle-x", "Down"),
        ("UNSATISFIED", "info", "clock", "Waiting"),
        ("ERROR", "bad", "alert-octagon", "Error"),
        ("NEVER_HEARD_OF", "quiet", "help-circle", "Never heard of"),
    ],
)
def test_badge_says_its_state_by_tone_icon_and_words(state, tone, icon, said):
    html = drawn("{% badge state %}", state=state)
    assert f'class="state tone-{tone}"' in html
    assert f"icons.svg#{icon}" in html
    assert text_of(html) == said


def test_looks_of_good_and_bad_news_never_share_an_icon():
    icons = {tone: {look.icon for look in LOOKS.values() if look.tone == tone} for tone in ("good", "bad", "warn")}
    assert icons["good"] & icons["bad"] == set()
    assert icons["good"] & icons["warn"] == set()
    assert look_of("").tone == "quiet"


def test_badge_escapes_what_it_is_given():
    assert "<script>" not in drawn("{% badge state label=label %}", state="<script>", label="<script>")


def test_chip_names_role_status_and_rules():
    html = drawn('{% chip "Security" "SATISFIED" detail="1 of 1" rules=rules %}', rules=["A04", "A07"])
    assert text_of(html) == "Security Satisfied · 1 of 1 A04, A07"


def test_when_shows_the_facility_zone_and_utc_on_hover():
    html = drawn('{% when moment zone="Europe/Oslo" %}', moment=MOMENT)
    assert text_of(html) == "26 May 2026, 11:05 CEST"
    assert 'title="2026-05-26 09:05:07 UTC"' in html
    assert 'datetime="2026-05-26T09:05:07+00:00"' in html


def test_when_of_nothing_is_a_dash():
    assert text_of(drawn("{% when moment %}", moment=None)) == "—"


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (None, "—"), (0, "0 ms"), (0.4, "0.4 ms"), (350, "350 ms"), (2400, "2.4 s"), (60_000, "1 min"),
        (200_000, "3 min 20 s"), (7_500_000, "2 h 5 min"), (273_600_000, "3 d 4 h"),
    ],
)  # fmt: skip
def test_duration_says_two_units(milliseconds, said):
    assert drawn("{% duration ms %}", ms=milliseconds) == said


def test_words_keep_the_abbreviations_of_the_field():
    assert [words("HL7_FHIR_MEDIATION"), words("REALTIME_API"), words("")] == [
        "HL7 FHIR mediation", "Realtime API", "Not stated",
    ]  # fmt: skip


class AskForm(forms.Form):
    name = forms.CharField(help_text="As people call it.")


def test_field_ties_help_and_error_to_its_control():
    html = drawn("{% field form.name %}", form=AskForm({}))
    assert 'aria-describedby="id_name_hint id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_error"' in html
    assert text_of(html) == "Name As people call it. This field is required."


def test_form_errors_lead_to_the_field():
    assert '<a href="#id_name">Name</a>' in drawn("{% form_errors form %}", form=AskForm({}))
    assert text_of(drawn("{% form_errors form %}", form=AskForm({"name": "x"}))) == ""


def test_diff_tells_old_new_and_what_came_or_went():
    html = drawn("{% diff before after %}", before={"tier": 2, "note": "x"}, after={"tier": 1, "external": True})
    assert text_of(html.split("</thead>")[1]) == "Tier 2 1 Note x removed External not there yes"


def test_diff_of_a_new_record_shows_what_it_began_with():
    html = drawn("{% diff before after %}", before={}, after={"tier": 1})
    assert text_of(html) == "Field After Tier 1"


def test_sparkline_keeps_gaps_and_says_itself():
    html = drawn("{% sparkline values %}", values=[1, 2, None, 4, 3])
    assert html.count("<polyline") == 2
    assert 'aria-label="4 values from 1 to 4, now 3"' in html
    assert drawn("{% sparkline values %}", values=[1, None]) == ""


def test_confirm_posts_with_a_question_and_a_reason():
    html = drawn('{% confirm "/x/" "Withdraw" question="Sure?" reason="Why" revision=3 %}', csrf_token="t")
    assert '<form method="post" action="/x/"' in html
    assert '<input type="hidden" name="revision" value="3">' in html
    assert 'name="reason"' in html


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("-x", "'-x"), (-3, -3), (None, ""), ("plain", "plain"), (True, True)],
)
def test_csv_cells_are_no_formulas(cell, written):
    assert harmless(cell) == written
