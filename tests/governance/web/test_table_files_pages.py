"""New tables, tables from files, and two versions held against each other."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.domain import drafts
from governance.domain.table_files import export_table
from governance.models import DecisionTable
from tests.factories import tables as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(as_user, cast):
    return as_user(cast("jo"))


@pytest.mark.parametrize("hit", ["U", "P", "O", "C+", "C#", "R"])
def test_a_new_table_begins_as_a_draft(editor, hit):
    form = {"key": "retention", "title": "How long", "hit": hit}
    assert editor.post("/tables/new/", form)["Location"] == "/tables/retention/1.0/edit/columns/"
    assert editor.get("/tables/retention/1.0/edit/").status_code == 200
    assert DecisionTable.objects.get(key="retention").state == "DRAFT"
    taken = editor.post("/tables/new/", {**form, "key": "new"})
    assert (taken.status_code, list(taken.context["form"].errors)) == (400, ["__all__", "key"])


def upload(editor, data, name="routes.dmn"):
    return editor.post("/tables/import/", {"file": SimpleUploadedFile(name, data)})


def test_a_file_becomes_drafts_next_to_what_is_in_force(editor, cast):
    table = make.routes_in_force(cast)
    html = upload(editor, export_table(table, "dmn").data).content.decode()
    assert 'href="/tables/routes/1.1/edit/"' in html
    assert 'href="/tables/routes/1.1/compare/"' in html


def test_every_error_of_a_file_is_listed_and_nothing_is_written(editor, cast):
    table = make.routes_in_force(cast)
    data = export_table(table, "dmn").data.replace(b">0<", b">zero<").replace(b">1<", b">one<")
    answer = upload(editor, data)
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "Nothing was imported" in html
    assert html.count("<code>routes: rules/") == 3
    assert ", line " in html
    assert [upload(editor, b"<orders/>").status_code, upload(editor, b"").status_code] == [400, 400]
    assert DecisionTable.objects.count() == 1


def test_who_has_no_part_in_policy_imports_nothing(as_user, cast):
    client = as_user(cast("uma"))
    assert [client.get(path).status_code for path in ("/tables/import/", "/tables/new/")] == [403, 403]
    assert upload(client, b"{}").status_code == 403


def test_two_versions_are_compared_rule_by_rule_and_cell_by_cell(as_user, cast):
    table = make.draft(cast)
    by = {"now": cast.now, "actor": cast("jo")}
    drafts.edit_rule(table, "A2", then={"say": "one"}, note="changed", **by)
    drafts.add_rule(table, rule=make.CLOSING, **by)
    drafts.edit_columns(table, hit="F", **by)
    client = as_user(cast("uma"))
    html = client.get("/tables/routes/1.1/compare/").content.decode()
    assert "1 rule added, 1 rule changed; 2 unchanged." in html
    assert "<del>two</del>" in html
    assert "<ins>one</ins>" in html
    assert "at place 4" in html
    assert "<del>U</del>" in html
    back = client.get("/tables/routes/1.0/compare/?with=1.1").content.decode()
    assert "1 rule removed, 1 rule changed" in back
    assert "Both say the same." in client.get("/tables/routes/1.0/compare/?with=1.0").content.decode()
    assert client.get("/tables/routes/1.1/compare/?with=7").status_code == 404
