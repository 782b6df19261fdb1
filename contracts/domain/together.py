"""Many payload lines held against a contract in one reading, for the usual case that every one of them keeps it.

Where anything is out of the ordinary the answer is only "not so": then each line is looked at by itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

import orjson


def all_keep(lines: Sequence[bytes], decide_all: Callable[[list[Any]], bool], *, max_depth: int) -> bool:
    """Whether each line is one JSON text, surely no deeper than ``max_depth``, and together they satisfy.

    The lines are read as one list with a number between them that nobody can guess. Only a number of ours can stand in
    an odd place, so between two of them is exactly one text: a line of two texts, or a text over two lines, is seen.
    """
    between = secrets.randbits(62)
    text = b"[%b]" % (b",%d," % between).join(lines)
    if depth_at_most(text, lines) > max_depth:
        return False
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    payloads = read[::2]
    if len(payloads) != len(lines) or read[1::2] != [between] * (len(lines) - 1):
        return False
    return decide_all(payloads)


def depth_at_most(text: bytes, lines: Sequence[bytes]) -> int:
    """What no line's nesting can exceed: all brackets that open, less the one that each other line begins with."""
    opening = openings(text, b"{") + openings(text, b"[") - 1
    firsts = [line[0] for line in lines]
    return opening - max(firsts.count(0x7B) + firsts.count(0x5B) - 1, 0)


def some_too_deep(lines: Sequence[bytes], *, max_depth: int) -> bool:
    """Whether a line could be nested deeper: more brackets open in it."""
    braces = [openings(line, b"{") for line in lines]
    if max(braces) + openings(b"".join(lines), b"[") <= max_depth:  # squares are few: no line's own need be counted
        return False
    return max(own + openings(line, b"[") for own, line in zip(braces, lines, strict=True)) > max_depth


def openings(text: bytes, bracket: bytes) -> int:
    """How often the bracket is in the text; taking it away is thrice as quick as counting it."""
    return len(text) - len(text.replace(bracket, b""))
