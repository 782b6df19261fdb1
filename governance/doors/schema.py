"""The OpenAPI document: every operation with its problems, its headers, and the app that it belongs to."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from .http import PROBLEM

PROBLEMS = {
    400: "The input is wrong; `errors` names the fields.",
    401: "Nobody, or an expired or revoked credential, is asking.",
    403: "The actor, or the token's scope, may not do this.",
    404: "It does not exist, or the actor may not see it.",
    406: "Only application/json is answered.",
    409: "The record's state or another record stands against it, or the same request is still at work.",
    412: "If-Match names a revision that is no longer the current one.",
    413: "The body is over its bound.",
    415: "Only application/json is read.",
    422: "It was understood and is refused for what it asks; `code` says why.",
    428: "If-Match is missing.",
    429: "Too many requests; Retry-After says when to come back.",
}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key and request are done once and answered alike for 24 hours.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the revision that you have seen. Without it the answer is 428.",
)


class ProblemSerializer(serializers.Serializer):
    """A refusal (RFC 9457); further members depend on `code`."""

    type = serializers.CharField(help_text="Address that explains the code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence for people.")
    code = serializers.CharField(help_text="A stable code for programs.")
    instance = serializers.CharField()
    request_id = serializers.CharField(help_text="Also in the log and the audit.")
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)

    class Meta:
        ref_name = "Problem"


class ProblemAwareSchema(AutoSchema):
    """Adds to each operation what all operations share."""

    def get_tags(self) -> list[str]:
        return [type(self.view).__module__.partition(".")[0]]

    def get_description(self) -> str:
        """What the action says of itself, else its view; what a view only inherits was said to programmers."""
        said = super().get_description()
        inherited = [doc for base in type(self.view).__mro__[1:] if (doc := vars(base).get("__doc__"))]
        return "" if said in map(cleandoc, inherited) else said

    def get_override_parameters(self) -> list[Any]:
        shared = {"POST": [IDEMPOTENCY_KEY], "PUT": [IF_MATCH], "PATCH": [IF_MATCH]}
        return [*super().get_override_parameters(), *shared.get(self.method, [])]

    def problem_statuses(self) -> list[int]:
        found = [400, 401, 403, 406, 429]
        if "{" in self.path or self.method == "POST":  # a body names records too
            found.append(404)
        if self.method in ("POST", "PUT", "PATCH"):
            found += [409, 413, 415, 422]
        if IF_MATCH in self.get_override_parameters():
            found += [412, 428]
        return sorted(found)

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        component = self.resolve_serializer(ProblemSerializer(), direction)
        for status in self.problem_statuses():
            content = {PROBLEM: {"schema": component.ref}}
            bodies.setdefault(str(status), {"content": content, "description": PROBLEMS[status]})
        return dict(sorted(bodies.items()))
