from django.apps import AppConfig


class ObservabilityConfig(AppConfig):
    name = "observability"

    def ready(self):
        from .domain import rules  # noqa: F401  (it states the app's rules)
