"""The pages of this app."""

app_name = "approvals"
urlpatterns = []
