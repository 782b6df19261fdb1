"""The pages of this app."""

from django.urls import path

from . import absence, audit, home, impacts, jobs, packs, people, table_editor, table_pages, tables

app_name = "governance"
urlpatterns = [
    path("", home.home, name="home"),
    path("notices/<str:pk>/read/", home.read, name="read-notice"),
    path("search/", home.search, name="search"),
    path("people/", people.people, name="people"),
    path("people/absence/", absence.absence, name="absence"),
    path("people/absence/<uuid:pk>/end/", absence.end, name="absence-end"),
    path("tables/", tables.tables, name="tables"),
    path("tables/new/", table_pages.new, name="table-new"),
    path("tables/import/", table_pages.read_file, name="table-import"),
    path("tables/<slug:key>/", tables.table, name="table"),
    path("tables/<slug:key>/<str:version>/", tables.table, name="table"),
    path("tables/<slug:key>/<str:version>/impact/", impacts.impact, name="table-impact"),
    path("tables/<slug:key>/<str:version>/simulation/", impacts.simulation, name="table-simulation"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<uuid:pk>/", jobs.job, name="job"),
    path("jobs/<uuid:pk>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<uuid:pk>/retry/", jobs.retry, name="job-retry"),
    path("tables/<slug:key>/<str:version>/compare/", table_pages.compare, name="table-compare"),
    path("tables/<slug:key>/<str:version>/draft/", table_editor.start, name="table-draft"),
    path("tables/<slug:key>/<str:version>/edit/", table_editor.edit, name="table-edit"),
    path("tables/<slug:key>/<str:version>/edit/check/", table_editor.check_cell, name="table-check"),
    path("tables/<slug:key>/<str:version>/edit/cell/", table_editor.save_cell, name="table-cell"),
    path("tables/<slug:key>/<str:version>/edit/rules/", table_editor.rules, name="table-rules"),
    path("tables/<slug:key>/<str:version>/edit/gaps/", table_editor.gaps, name="table-gaps"),
    path("tables/<slug:key>/<str:version>/edit/cases/", table_editor.cases, name="table-cases"),
    path("tables/<slug:key>/<str:version>/edit/columns/", table_editor.columns, name="table-columns"),
    path("tables/<slug:key>/<str:version>/edit/standing/", table_editor.standing, name="table-standing"),
    path("audit/", audit.audit, name="audit"),
    path("audit/packs/", packs.packs, name="audit-packs"),
    path("audit/packs/verifier/", packs.verifier, name="audit-verifier"),
    path("audit/packs/<str:quarter>/", packs.quarter, name="audit-pack"),
    path("audit/<str:subject_type>/<str:subject_id>/", audit.story, name="audit-story"),
]
