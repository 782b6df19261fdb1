"""The pages of this app."""

app_name = "observability"
urlpatterns = []
