"""Views of the register: the records that the actor may see, listed by cursor, one by its key with an ETag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError as ModelInvalid
from django.db import DataError
from django.db.models import Model, QuerySet
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from ..domain.rules import visible, visible_or_404
from ..kernel.errors import Invalid, NotFound
from .api import PAGE_PARAMETERS, etag_of, not_modified
from .idempotency import Idempotent


class KnownParameters:
    """View mixin: a query parameter that the address does not know is refused, with those that it knows.

    ``known_parameters`` names an action's own; filters and pages are known to ``list`` by themselves.
    """

    known_parameters: Sequence[str] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        known = sorted(set(self.query_parameters()))
        unknown = sorted(set(request.query_params) - set(known))
        if unknown:
            allowed = f"known are {', '.join(known)}" if known else "this address takes none"
            raise Invalid(
                f"Unknown query parameter {', '.join(unknown)[:200]}: {allowed}.",
                code="UNKNOWN_PARAMETER",
                errors={name: ["unknown query parameter"] for name in unknown},
                details={"known": known},
            )

    def query_parameters(self) -> Sequence[str]:
        names = list(self.known_parameters)
        if getattr(self, "action", None) == "list":
            names += PAGE_PARAMETERS
            filters = getattr(self, "filterset_class", None)
            names += filters.base_filters if filters else getattr(self, "filterset_fields", ())
        return names


class ActorView(KnownParameters, Idempotent):
    """What views of all shapes share; put it before REST framework's view classes."""


class RegisterViewSet(ActorView, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """A kind of record: those that the actor may see, listed by cursor, one by its ``key`` with an ETag."""

    lookup_field = "key"
    cursor_ordering: Sequence[str] = ("key",)

    def get_queryset(self) -> QuerySet:
        """The visible rows; ``queryset`` may prefetch what the serializer reads."""
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset.none()
        return visible(queryset, self.request.user)

    def get_object(self) -> Any:
        """The one visible record that the address names; what is no valid id is nowhere."""
        named = self.kwargs[self.lookup_url_kwarg or self.lookup_field]
        try:
            record = visible_or_404(super().get_queryset(), self.request.user, **{self.lookup_field: named})
        except (ValueError, ModelInvalid, DataError):
            raise NotFound("There is nothing at this address, or you may not see it.") from None
        self.check_object_permissions(self.request, record)
        return record

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.tagged(self.get_object())

    def tagged(self, record: Model, *, status: int = 200) -> Response:
        """The record's representation with its ETag; 304 when the caller has seen this revision."""
        etag = self.etag(record)
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if self.request.method in ("GET", "HEAD") and not_modified(self.request, etag):
            return Response(status=304, headers=headers)
        return Response(self.get_serializer(record).data, status=status, headers=headers)

    def etag(self, record: Model) -> str:
        """Override where the representation shows more than the record's own columns."""
        return etag_of(record)
