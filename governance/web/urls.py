"""The pages of this app."""

app_name = "governance"
urlpatterns = []
