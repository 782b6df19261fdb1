"""What else is proved when the audit is: other apps state their own proofs here, once, at start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

Finds = Callable[[], Iterable[str]]
_proofs: dict[str, Finds] = {}


def register_proof(name: str, finds: Finds) -> None:
    """``finds`` yields one sentence for each thing that does not hold."""
    _proofs[name] = finds


def further_problems() -> Iterator[str]:
    for finds in _proofs.values():
        yield from finds()
