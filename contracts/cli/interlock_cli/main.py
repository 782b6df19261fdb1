"""The command line: reads what was asked, prints what was answered, and ends with it."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from types import TracebackType

from . import VERSION
from .asking import Server, Unasked
from .commands import UNASKED, check, gate, publish, validate

EXITS = "Exit codes: 0 yes, 1 no, 2 usage or connection, 3 not known."


NUMBER = re.compile(r"(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){2}")


def number(text: str) -> str:
    """A version as it is typed. What is none is wrong usage: the question would never have an answer."""
    if not NUMBER.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no version: a version is MAJOR.MINOR.PATCH, such as 1.5.0")
    return text


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="interlock", description="Asks Interlock from a pipeline.", epilog=EXITS)
    made.add_argument("--version", action="version", version=f"interlock {VERSION}")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--format", choices=("text", "json"), default="text", help="how to print the answer")

    asked = commands.add_parser("check", parents=[shared], epilog=EXITS, help="may this document follow the promise?")
    asked.add_argument("--contract", required=True, metavar="KEY")
    asked.add_argument("--file", required=True, help="the document; - for standard input")
    asked.add_argument("--version", type=number, help="the number it would get: its bump must be enough, too")
    asked.set_defaults(run=check)

    asked = commands.add_parser("publish", parents=[shared], epilog=EXITS, help="post a version for review")
    asked.add_argument("--contract", required=True, metavar="KEY")
    asked.add_argument("--file", required=True, help="the document; - for standard input")
    asked.add_argument("--version", type=number, required=True)
    asked.add_argument("--notes", default="")
    asked.set_defaults(run=publish)

    asked = commands.add_parser("gate", parents=[shared], epilog=EXITS, help="may this version be deployed?")
    asked.add_argument("--interface", required=True, metavar="KEY")
    asked.add_argument("--version", type=number, help="instead of the published version")
    asked.add_argument("--environment", default="", metavar="ENV")
    asked.set_defaults(run=gate)

    asked = commands.add_parser("validate", parents=[shared], epilog=EXITS, help="do payloads keep the contract?")
    asked.add_argument("--contract", required=True, metavar="KEY")
    source = asked.add_mutually_exclusive_group(required=True)
    source.add_argument("--file", help="one payload; - for standard input")
    source.add_argument("--ndjson", help="one payload a line; - for standard input")
    asked.add_argument("--version", type=number, help="instead of the published version")
    asked.set_defaults(run=validate)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, print, and return the exit code."""
    given = parser().parse_args(arguments)
    try:
        said = given.run(Server(), given)
    except Unasked as reason:
        print(f"interlock: {reason}", file=sys.stderr)
        return UNASKED
    print(json.dumps(said.document, indent=2, ensure_ascii=False) if given.format == "json" else said.text)
    return said.exit_code


def crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A fault of ours is no answer: it ends with 2, where Python's own 1 would read as "no"."""
    sys.__excepthook__(kind, error, trace)
    sys.stderr.flush()
    os._exit(UNASKED)


def run() -> None:
    sys.excepthook = crashed
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main())
