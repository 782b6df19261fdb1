"""From bytes to a document that a format understands, and back from what is stored."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from governance.kernel.errors import DomainError, NotReady, TooLarge

from ..formats.base import Document as Parsed
from ..formats.registry import format_named
from ..models import Contract, Document

_KEPT = 256
_parsed: OrderedDict[tuple[str, str], Parsed] = OrderedDict()
_lock = Lock()


def read_candidate(contract: Contract, text: bytes) -> Parsed:
    """A candidate in the contract's format.

    Raises ``TooLarge`` with its bound, ``NotReady`` (UNPARSABLE) with the format's own code in ``details.cause`` and
    its located sentences in ``errors``.
    """
    try:
        return format_named(contract.format).parse(text)
    except TooLarge:
        raise
    except DomainError as refused:
        raise NotReady(
            f"This is not a {contract.get_format_display()} document that can be a contract: {refused.message}",
            code="UNPARSABLE",
            errors=refused.errors,
            details={"cause": refused.code, **refused.details},
        ) from None


def keep(parsed: Parsed) -> Document:
    """Store the canonical bytes, or find them."""
    return Document.objects.keep(sha256=parsed.sha256, canonical=parsed.canonical)


def stored(format_name: str, sha256: str) -> Parsed:
    """A kept document as its format reads it; the 256 used last stay in memory, because they never change."""
    key = (format_name, sha256)
    with _lock:
        if key in _parsed:
            _parsed.move_to_end(key)
            return _parsed[key]
    canonical = Document.objects.values_list("canonical", flat=True).get(sha256=sha256)
    parsed = format_named(format_name).parse(bytes(canonical))
    with _lock:
        _parsed[key] = parsed
        while len(_parsed) > _KEPT:
            _parsed.popitem(last=False)
    return parsed


def text_of(document: Document) -> str:
    """What is stored, as text for people and programs."""
    return bytes(document.canonical).decode("utf-8", errors="replace")
