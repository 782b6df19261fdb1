"""This app's part of the REST API."""

urlpatterns = []
