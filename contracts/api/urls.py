"""This app's part of the REST API. A trailing slash may be left out."""

from django.urls import re_path

from . import views

CONTRACT = r"^contracts/(?P<key>[^/]+)"
versions = views.VersionViewSet

urlpatterns = [
    re_path(r"^contracts/?$", views.ContractViewSet.as_view({"get": "list"}), name="api-contracts"),
    re_path(rf"{CONTRACT}/?$", views.ContractViewSet.as_view({"get": "retrieve"}), name="api-contract"),
    re_path(rf"{CONTRACT}/check/?$", views.CheckView.as_view(), name="api-contract-check"),
    re_path(
        rf"{CONTRACT}/versions/?$", versions.as_view({"get": "list", "post": "create"}), name="api-contract-versions"
    ),
    re_path(
        rf"{CONTRACT}/versions/(?P<version>[^/]+)/?$",
        versions.as_view({"get": "retrieve"}),
        name="api-contract-version",
    ),
    re_path(rf"{CONTRACT}/payloads/validate/?$", views.PayloadView.as_view(), name="api-payload"),
    re_path(rf"{CONTRACT}/payloads/validate-bulk/?$", views.BulkPayloadView.as_view(), name="api-payloads"),
]
