"""Deciding on a change for programs: vote and sign, step aside, pass a requirement over; and who is still missing."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from governance.domain.credentials import Credential

from ..domain.missing import stale_voters
from ..domain.overriding import override_requirement
from ..domain.queries import needs_of, requirement_at
from ..domain.recusing import recuse
from ..domain.voting import cast_vote
from ..models import ChangeRequest
from . import serializers as said
from .verbs import reading, verb


class VotingVerbs:
    """The moves of a change that its voters make; mixed into the view of changes."""

    get_object: Any
    given: Any
    do: Any
    shown: Any

    @verb("Vote", said.BallotSerializer)
    def vote(self, request: Request, key: str) -> Response:
        values, change = signed(self.given(request)), self.get_object()
        if "requirement" in values:
            values["requirement"] = requirement_at(change, values["requirement"])
        return self.do(cast_vote, change, **values)

    @verb("Step aside", said.ReasonSerializer)
    def recuse(self, request: Request, key: str) -> Response:
        return self.do(recuse, self.get_object(), **self.given(request))

    @verb("Sign for a seat that a requirement be passed over", said.OverrideSerializer)
    def override(self, request: Request, key: str) -> Response:
        values, change = signed(self.given(request)), self.get_object()
        needed = requirement_at(change, values.pop("requirement"))

        def overridden(row: ChangeRequest, **said_of: Any) -> Any:
            return override_requirement(needed, **said_of)

        return self.do(overridden, change, **values)

    @reading("What it needs, who is missing and why", said.NeedSerializer)
    def requirements(self, request: Request, key: str) -> Response:
        now, change = timezone.now(), self.get_object()
        needs = needs_of(change, request.user, now=now)
        for need in needs:
            need["who"] = list(dict.fromkeys(name for seat in need["seats"] for name in seat.who))
            need["yours"] = need["standing"].role if need["standing"] else ""
        return Response(said.NeedSerializer(needs, many=True).data)

    @reading("Whose votes the present revision has made stale", said.StaleVoterSerializer)
    def stale(self, request: Request, key: str) -> Response:
        return Response(said.StaleVoterSerializer(stale_voters(self.get_object()), many=True).data)


def signed(values: dict[str, Any]) -> dict[str, Any]:
    """The body's ``signature`` as what the domain proves."""
    given = values.pop("signature", None)
    return values | {"signature": Credential(given["method"], given["secret"]) if given else None}
