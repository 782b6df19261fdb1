"""The administration site shows and changes nothing: everything changes by a command, with its audit row."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

NEVER_SHOWN = {"password"}


class ReadOnlyAdmin(admin.ModelAdmin):
    """Any model's rows to look at. Secrets (``audit_excluded`` digests, passwords) are left out."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        hidden = NEVER_SHOWN | set(getattr(self.model, "audit_excluded", ()))
        return [field.name for field in self.model._meta.concrete_fields if field.name not in hidden]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


def show_all_of(app_label: str) -> None:
    """Register every model of an app for reading; call it in the app's ``admin.py``."""
    from django.apps import apps

    for model in apps.get_app_config(app_label).get_models():
        admin.site.register(model, ReadOnlyAdmin)


def close_what_others_opened() -> None:
    """What libraries registered for themselves (groups, e-mail addresses) may be looked at only, like all else."""
    for model, page in list(admin.site._registry.items()):
        if not isinstance(page, ReadOnlyAdmin):
            admin.site.unregister(model)
            admin.site.register(model, ReadOnlyAdmin)
