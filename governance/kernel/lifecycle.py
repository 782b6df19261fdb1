"""The one machine that moves rows between states.

An app's ``lifecycle.py`` declares its moves as data; this class carries them out by compare-and-swap
(``UPDATE ... WHERE state = old``), which holds on SQLite and PostgreSQL alike: of two concurrent
movers exactly one wins, the other gets ``WrongState``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from .errors import WrongState


@dataclass(frozen=True, slots=True)
class Move:
    """From any of ``sources`` to ``target``."""

    sources: tuple[str, ...]
    target: str


class Lifecycle:
    """States and moves of one kind of record, kept in its ``state`` column."""

    def __init__(self, name: str, *, initial: str, moves: Mapping[str, tuple[Iterable[str] | str, str]]) -> None:
        self.name = name
        self.initial = initial
        self.moves = {
            verb: Move((sources,) if isinstance(sources, str) else tuple(sources), target)
            for verb, (sources, target) in moves.items()
        }

    @property
    def states(self) -> list[str]:
        """Every state, in the order in which the moves first name it."""
        seen = [self.initial]
        for move in self.moves.values():
            seen += [state for state in (*move.sources, move.target) if state not in seen]
        return seen

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(state, state.replace("_", " ").capitalize()) for state in self.states]

    def verbs_from(self, state: str) -> list[str]:
        return [verb for verb, move in self.moves.items() if state in move.sources]

    def check(self, row: Any, verb: str) -> Move:
        """The move, if ``row`` may make it now; ``WrongState`` with what is possible instead, if not."""
        move = self.moves[verb]
        if row.state not in move.sources:
            possible = ", ".join(self.verbs_from(row.state)) or "nothing"
            raise WrongState(
                f"{row} is {row.state}; '{verb}' needs {' or '.join(move.sources)}. Possible now: {possible}.",
                details={"state": row.state, "verb": verb, "possible": self.verbs_from(row.state)},
            )
        return move

    def move(self, row: Any, verb: str, **values: Any) -> None:
        """Move ``row`` and set ``values`` with it, in one statement; bumps ``revision`` where there is one.

        Raises ``WrongState`` when the move does not exist from the row's state or another writer was faster;
        nothing is written then. The instance in memory follows.
        """
        move = self.check(row, verb)
        changes = {"state": move.target, **values}
        has_revision = hasattr(row, "revision")
        swapped = (
            type(row)
            ._base_manager.filter(pk=row.pk, state=row.state)
            .update(**changes, **({"revision": F("revision") + 1} if has_revision else {}))
        )
        if not swapped:
            raise WrongState(
                f"{row} was {row.state} when you saw it and has moved since. Reload it and look again.",
                details={"state": row.state, "verb": verb},
            )
        for field, value in changes.items():
            setattr(row, field, value)
        if has_revision:
            row.revision += 1
