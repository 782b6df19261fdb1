"""The API page and its OpenAPI document."""

from django.urls import path

from . import docs

urlpatterns = [
    path("schema/", docs.SchemaView.as_view(), name="api-schema"),
    path("docs/", docs.api_page, name="api-docs"),
    path("problems/<str:code>", docs.explain_code, name="api-problem"),
    path("problems/<str:code>/", docs.explain_code),
]
