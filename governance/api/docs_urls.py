"""The API page and its OpenAPI document."""

urlpatterns = []
