from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self):
        from .domain import rules  # noqa: F401  (it states the app's rules)
