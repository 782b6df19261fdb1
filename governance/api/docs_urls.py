"""The API's pages and its OpenAPI document."""

from django.urls import path

from . import docs

urlpatterns = [
    path("schema/", docs.SchemaView.as_view(), name="api-schema"),
    path("docs/", docs.api_page, name="api-docs"),
    path("docs/<str:operation>/", docs.api_operation, name="api-operation"),
    path("problems/<str:code>", docs.explain_code, name="api-problem"),
    path("problems/<str:code>/", docs.explain_code),
]
