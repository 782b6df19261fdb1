"""The sorts of objects that a change may carry, a module each; a new sort registers itself here."""

from . import endpoints, interfaces, subscriptions, systems, tables, templates, versions, waivers
from .base import ItemSpec, Kind, by_kind, column_of, kind_of, kind_of_item, kinds, register_kind

for _made in (
    interfaces.InterfaceKind(),
    versions.VersionKind(),
    tables.TableKind(),
    subscriptions.SubscriptionKind(),
    endpoints.EndpointKind(),
    systems.SystemKind(),
    templates.TemplateKind(),
    waivers.WaiverKind(),
):
    register_kind(_made)

__all__ = ["ItemSpec", "Kind", "by_kind", "column_of", "kind_of", "kind_of_item", "kinds", "register_kind"]
