"""The pages of this app."""

from django.urls import path

from . import audit, home, people, tables

app_name = "governance"
urlpatterns = [
    path("", home.home, name="home"),
    path("search/", home.search, name="search"),
    path("people/", people.people, name="people"),
    path("tables/", tables.tables, name="tables"),
    path("tables/<slug:key>/", tables.table, name="table"),
    path("tables/<slug:key>/<str:version>/", tables.table, name="table"),
    path("audit/", audit.audit, name="audit"),
    path("audit/<str:subject_type>/<str:subject_id>/", audit.story, name="audit-story"),
]
