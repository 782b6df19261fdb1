"""What the catalog's views share: who may write, its filters, and commands that answer with the fresh record."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request

from governance.kernel.errors import NotAllowed

from ..lifecycle import INTERFACE
from ..models import DomainKey, Interface, System, SystemKind
from ..patterns import PATTERN_CHOICES


class PeopleWrite(BasePermission):
    """The register is read by programs and changed by people: no scope of a token covers it."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method not in SAFE_METHODS and getattr(request.auth, "scopes", None) is not None:
            raise NotAllowed("No token may change the register: people do, signed in.", code="SCOPE_MISSING")
        return True


REGISTER_PERMISSIONS = [IsAuthenticated, PeopleWrite]


class InterfaceFilter(django_filters.FilterSet):
    """The register's filters; ``q`` looks into key and name."""

    domain = django_filters.ChoiceFilter(choices=DomainKey.choices, field_name="provider__domain__key")
    tier = django_filters.NumberFilter(min_value=0, max_value=4)
    state = django_filters.ChoiceFilter(choices=INTERFACE.choices)
    phi = django_filters.ChoiceFilter(choices=[("true", "Carries PHI"), ("false", "No PHI")], method="carrying_phi")
    pattern = django_filters.ChoiceFilter(choices=PATTERN_CHOICES, method="with_pattern")
    q = django_filters.CharFilter(method="named", max_length=200)

    class Meta:
        model = Interface
        fields: list[str] = []

    def carrying_phi(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(carries_phi=value == "true")

    def with_pattern(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(patterns__icontains=f'"{value}"')

    def named(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Q(key__icontains=value) | Q(name__icontains=value))


class SystemFilter(django_filters.FilterSet):
    """The systems' filters; ``q`` looks into key, name, vendor and product."""

    domain = django_filters.ChoiceFilter(choices=DomainKey.choices, field_name="domain__key")
    kind = django_filters.ChoiceFilter(choices=SystemKind.choices)
    tier = django_filters.NumberFilter(min_value=0, max_value=4)
    q = django_filters.CharFilter(method="named", max_length=200)

    class Meta:
        model = System
        fields: list[str] = []

    def named(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        columns = ("key", "name", "vendor", "product")
        return rows.filter(*[Q(*[(f"{column}__icontains", value) for column in columns], _connector=Q.OR)])
