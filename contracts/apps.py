from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "contracts"

    def ready(self):
        from .domain import rules  # noqa: F401  (it states the app's rules)
