from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"

    def ready(self):
        from .domain import rules  # noqa: F401  (it states the app's rules)
