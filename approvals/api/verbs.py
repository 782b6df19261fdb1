"""The shape that every move of a change and every list about one has."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action

from . import serializers as said

KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="Such as CR-2026-0042.")


def verb(summary: str, body: type[serializers.Serializer], *, answers: Any = None, headers: Any = ()) -> Any:
    """One move of a change: its address, its body, and the change as it then is."""

    def made(method: Any) -> Any:
        name = method.__name__
        described = extend_schema(
            summary=summary, operation_id=f"changes_{name}", request=body, parameters=[KEY, *headers],
            responses=answers or said.ChangeRequestSerializer,
        )  # fmt: skip
        return described(action(detail=True, methods=["post"], serializer_class=body)(method))

    return made


def reading(summary: str, answers: Any) -> Any:
    """A list about one change, whole: it is short."""

    def made(method: Any) -> Any:
        described = extend_schema(
            summary=summary, operation_id=f"changes_{method.__name__}", parameters=[KEY], responses=answers(many=True),
            filters=False,
        )  # fmt: skip
        return described(
            action(
                detail=True,
                methods=["get"],
                url_path=method.__name__.replace("_", "-"),
                pagination_class=None,
                filterset_class=None,
                filter_backends=[],
            )(method)
        )

    return made
