"""The pages of this app."""

app_name = "catalog"
urlpatterns = []
