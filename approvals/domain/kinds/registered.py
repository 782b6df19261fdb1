"""Every sort of object that a change may carry."""

from __future__ import annotations

from . import endpoints, interfaces, subscriptions, systems, tables, templates, versions, waivers
from .base import register_kind

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
