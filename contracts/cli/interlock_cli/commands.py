"""The questions of a pipeline. Each returns an exit code, what to print for people, and the answer for programs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .asking import Answer, Server, Unasked, quoted

YES, NO, UNASKED, UNKNOWN = 0, 1, 2, 3


@dataclass(frozen=True)
class Said:
    """What the command has to say."""

    exit_code: int
    text: str
    document: Any


def check(server: Server, given: argparse.Namespace) -> Said:
    """May this document follow what is promised, under this number?"""
    body = {"text": read_text(given.file), **({"version": given.version} if given.version else {})}
    result = expected(server.post(f"contracts/{quoted(given.contract)}/check", body))
    return Said(check_exit(result), "\n".join(check_lines(result)), result)


def check_exit(result: dict[str, Any]) -> int:
    if result["verdict"] == "unknown":
        return UNKNOWN
    return YES if result["passes"] and result["accepted"] is not False else NO


def check_lines(result: dict[str, Any]) -> Iterator[str]:
    named = f"{result['contract']} {result['version'] or '(no version named)'}"
    yield f"{named}: {result['verdict']}, level {result['level']}, mode {result['mode']}"
    if not result["enforced"]:
        yield "The contract's mode enforces nothing; this is for information."
    if result["reason"]:
        yield f"Reason: {result['reason']} {result['details'].get('message', '')}".rstrip()
    for pointer, sentences in (result["details"].get("errors") or {}).items():
        yield f"  {pointer or '(root)'}: {'; '.join(sentences)}"
    for change in result["changes"]:
        where = change["pointer_new"] if change["pointer_new"] is not None else change["pointer_old"]
        yield f"  {change['severity']} {change['rule']} at {where or '(root)'}: {change['message']}"
    for place in result["unsupported"]:
        yield f"  not analysed: {place['keyword']} at {place['pointer'] or '(root)'}"
    if result["counterexample"]:
        example = result["counterexample"]
        shown = json.dumps(example["payload"], ensure_ascii=False)
        yield f"  valid under {example['valid_under']}, refused under {example['refused_under']}: {shown[:2000]}"
    bump = result["bump"]
    if bump and not bump["enough"]:
        declared = bump["declared"] or bump["reason"]
        yield f"The number declares {declared} after {bump['from']}; computed is {bump['computed']}."
    if result["suggested_version"]:
        yield f"Suggested version: {result['suggested_version']}"


def publish(server: Server, given: argparse.Namespace) -> Said:
    """Post a version for review."""
    body = {"version": given.version, "text": read_text(given.file), "notes": given.notes}
    answer = server.post(f"contracts/{quoted(given.contract)}/versions/", body)
    problem = None if answer.ok else answer.document
    if problem and problem.get("code") == "NOT_ANALYSED":
        return Said(UNKNOWN, refusal_text(problem), problem)
    if problem and problem.get("code") in ("BUMP_TOO_SMALL", "VERSION_EXISTS", "VERSION_NOT_NEWER", "UNPARSABLE"):
        return Said(NO, refusal_text(problem), problem)
    version = expected(answer)
    known = "posted" if answer.status == 201 else "was there already"
    text = f"{version['contract']} {version['version']} {known}: {version['state']}, level {version['level']}"
    return Said(YES, text, version)


def refusal_text(problem: dict[str, Any]) -> str:
    lines = [f"{problem['code']}: {problem['detail']}"]
    lines += [f"  {where or '(root)'}: {'; '.join(said)}" for where, said in (problem.get("errors") or {}).items()]
    return "\n".join([*lines, *(check_lines(problem["result"]) if "result" in problem else ())])


def gate(server: Server, given: argparse.Namespace) -> Said:
    """May this version be deployed there, now?"""
    asked = {"interface": given.interface, "version": given.version, "environment": given.environment}
    query = {name: value for name, value in asked.items() if value}
    answer = expected(server.get("gate", query))
    deployable = answer.get("deployable")
    exit_code = UNKNOWN if deployable is None else YES if deployable else NO
    word = {YES: "deployable", NO: "not deployable", UNKNOWN: "not known"}[exit_code]
    lines = [f"{given.interface} {answer.get('version') or given.version or '(no version)'}: {word}"]
    lines += [f"  {reason['code']} {reason.get('name') or ''}: {reason['message']}" for reason in answer["reasons"]]
    if answer.get("missing"):
        lines.append(f"Missing: {', '.join(answer['missing'])}")
    return Said(exit_code, "\n".join(lines), answer)


def validate(server: Server, given: argparse.Namespace) -> Said:
    """Do these payloads keep the contract?"""
    path = f"contracts/{quoted(given.contract)}/payloads"
    if given.ndjson:
        return validate_lines(server, given, path)
    try:
        payload = json.loads(read_text(given.file))
    except ValueError as broken:
        raise Unasked(f"{given.file} is not JSON: {broken}") from None
    body = {"payload": payload, **({"version": given.version} if given.version else {})}
    result = expected(server.post(f"{path}/validate", body))
    lines = [f"{result['contract']} {result['version']}: {'valid' if result['valid'] else 'not valid'}"]
    lines += [f"  {error['pointer'] or '(root)'}: {error['message']}" for error in result["errors"]]
    return Said(YES if result["valid"] else NO, "\n".join(lines), result)


def validate_lines(server: Server, given: argparse.Namespace, path: str) -> Said:
    query = f"?version={quoted(given.version)}" if given.version else ""
    answer = server.send_lines(f"{path}/validate-bulk{query}", read_bytes(given.ndjson))
    if not answer.ok:
        expected(answer)
    results = [json.loads(line) for line in answer.text.splitlines()]
    summary = results[-1].get("summary") if results else None
    if summary is None:
        raise Unasked("The answer broke off before its summary.")
    lines = [
        f"  line {result['line']} {error.get('pointer', '')}: {error['message']}"
        for result in results[:-1]
        for error in result.get("errors", ())
    ]
    total = f"{summary['contract']} {summary['version']}: {summary['valid']} of {summary['lines']} valid"
    good = summary["invalid"] == 0 and summary["complete"]
    return Said(YES if good else NO, "\n".join([total, *lines]), {"summary": summary, "lines": results[:-1]})


def expected(answer: Answer) -> Any:
    """The document of an answer that went well. Raises ``Unasked`` with the server's own sentence otherwise."""
    if answer.ok:
        return answer.document
    problem = answer.document
    if not isinstance(problem, dict) or "detail" not in problem:
        raise Unasked(f"The server answered {answer.status}.")
    fields = "".join(f" {name}: {' '.join(said)}" for name, said in (problem.get("errors") or {}).items())
    raise Unasked(f"{problem.get('code', answer.status)}: {problem['detail']}{fields}")


def read_text(path: str) -> str:
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as broken:
        raise Unasked(f"{path} is not UTF-8 at byte {broken.start}.") from None


def read_bytes(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as broken:
        raise Unasked(f"{path} cannot be read: {broken.strerror}.") from None
