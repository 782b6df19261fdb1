"""The audit trail: for auditors, with filters, one record's story, and a file."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.models import AuditEvent


@pytest.fixture
def auditor(as_user, gus, board):
    return as_user(gus)


def test_auditor_reads_who_did_what_to_which_record(auditor, board):
    html = auditor.get("/audit/?action=board.found").content.decode()
    assert "Found board" in html
    assert board.name in html
    assert "Appoint board" not in html


@pytest.mark.parametrize("name", ["bo", "uma", "eve", "quinn", "ada"])
def test_others_may_not_read_the_trail(as_user, cast, board, name):
    reader = as_user(cast(name))
    event = AuditEvent.objects.last()
    paths = ["/audit/", "/audit/?format=csv", f"/audit/{event.subject_type}/{event.subject_id}/"]
    assert [reader.get(path).status_code for path in paths] == [403, 403, 403]


def test_refusal_as_a_fragment_is_a_message_without_the_frame(as_user, bo):
    answer = as_user(bo).get("/audit/", headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "Only an auditor reads the whole audit trail." in html
    assert "<html" not in html


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("type=governance.boardseat", lambda event: event.subject_type == "governance.boardseat"),
        ("actor=clock", lambda event: "clock" in event.actor_label.lower()),
        ("via=API", lambda event: event.via == "API"),
        ("to=2001-01-01", lambda event: False),
        ("from=2001-01-01&q=board", lambda event: "board" in event.subject_label.lower()),
    ],
)
def test_filters_keep_what_they_name(auditor, query, kept):
    rows = file_of(auditor.get(f"/audit/?format=csv&sort=at&{query}"))
    assert [int(row["seq"]) for row in rows] == [event.seq for event in AuditEvent.objects.all() if kept(event)]


def file_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_story_tells_one_record_from_its_beginning(auditor, board):
    html = auditor.get(f"/audit/governance.board/{board.pk}/").content.decode()
    assert "Found board" in html
    assert 'title="' in html.split('<ol class="story">')[1]
    assert auditor.get("/audit/governance.board/unknown/").status_code == 404


def test_trail_costs_the_same_for_many_rows(auditor, django_assert_num_queries):
    few = counted(auditor, "/audit/?action=board.found")
    with django_assert_num_queries(few):
        auditor.get("/audit/")


def counted(reader, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        reader.get(path)
    return len(asked)
