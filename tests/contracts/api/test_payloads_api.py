"""Payloads against the promise: one, and a stream of them; nothing of a payload comes back or stays."""

import json

import pytest

from contracts.domain import payloads

from ..conftest import NOW, document

BASE = "/api/v1/contracts/IF-SUR-003/payloads"
SECRET_VALUE = "MRN-4711-DOE"
GOOD = {
    "eventId": "3d1c6f0e-2a3b-4c5d-8e9f-001122334455", "caseId": "C-1", "lineNumber": 1, "gtin": "00012345678905",
    "lotNumber": "L1", "quantity": 1, "unitOfMeasure": "EA", "usedAt": "2026-05-26T10:00:00Z",
}  # fmt: skip


@pytest.fixture
def good(published):
    """A payload that ImplantUsed 1.4.0 accepts: every required property, from its own examples."""
    schema = json.loads(document("1_4_0"))
    return {name: GOOD[name] if name in GOOD else sample(schema["properties"][name]) for name in schema["required"]}


def sample(schema):
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    return {"integer": 1, "number": 1, "boolean": True, "object": {}, "array": []}.get(schema.get("type"), "x")


@pytest.fixture
def ci(api, pipeline):
    return api(token=pipeline.secret("contracts:check"))


def lines_of(answer):
    return [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]


def bulk(ci, content, query=""):
    return ci.post(f"{BASE}/validate-bulk{query}", content, content_type="application/x-ndjson")


def test_one_payload_against_the_published_version(good, published, ci):
    answer = ci.post(f"{BASE}/validate", {"payload": good}, format="json")
    assert answer.json() == {
        "contract": "IF-SUR-003", "version": "1.4.0", "sha256": published.document.sha256, "valid": True, "errors": [],
    }  # fmt: skip
    answer = ci.post(f"{BASE}/validate", {"payload": {**good, "caseId": SECRET_VALUE}}, format="json")
    assert [(error["pointer"], error["keyword"]) for error in answer.json()["errors"]] == [("/caseId", "pattern")]
    assert SECRET_VALUE.encode() not in answer.content


def test_a_payload_may_be_held_against_a_named_version(good, ci):
    answer = ci.post(f"{BASE}/validate/", {"payload": good, "version": "9.9.9"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    answer = ci.post(f"{BASE}/validate/", {"payload": good, "version": "1.4.0"}, format="json")
    assert answer.json()["valid"] is True


def test_without_a_published_version_there_is_nothing_to_hold_against(contract, ci):
    answer = ci.post(f"{BASE}/validate/", {"payload": {}}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (404, "NO_PUBLISHED_VERSION")


def test_a_format_without_a_validator_says_so_before_it_reads(hospital, ci):
    from contracts.domain.contracts import open_contract
    from contracts.domain.versions import post_version

    contract = open_contract(hospital.interface, format="avro", now=NOW, actor=hospital.arch)
    post_version(contract, version="1.0.0", text=b'{"type":"string"}', now=NOW, actor=hospital.arch)
    answer = bulk(ci, b"{}", "?version=1.0.0")
    assert (answer.status_code, answer.json()["code"]) == (422, "NO_CHECKER")


def test_bulk_answers_every_line_and_a_summary(good, published, ci):
    fine, wrong = json.dumps(good), json.dumps({**good, "caseId": SECRET_VALUE})
    answer = bulk(ci, "\n".join([fine, wrong, "", "{broken", fine, "[" * 100 + "]" * 100]).encode())
    assert answer["Content-Type"] == "application/x-ndjson"
    *lines, last = lines_of(answer)
    assert [(line["line"], line["valid"]) for line in lines] == [
        (1, True),
        (2, False),
        (4, False),
        (5, True),
        (6, False),
    ]
    assert [(error["pointer"], error["keyword"]) for error in lines[1]["errors"]] == [("/caseId", "pattern")]
    assert [lines[2]["errors"][0]["code"], lines[4]["errors"][0]["code"]] == ["MALFORMED_JSON", "TOO_DEEP"]
    assert last == {
        "summary": {
            "contract": "IF-SUR-003", "version": "1.4.0", "sha256": published.document.sha256,
            "lines": 5, "valid": 2, "invalid": 3, "complete": True,
        }
    }  # fmt: skip
    assert SECRET_VALUE not in json.dumps(lines)


def test_bulk_explains_the_first_refusals_and_bounds_its_lines(good, ci, monkeypatch):
    monkeypatch.setattr(payloads, "EXPLAINED_LINES", 1)
    monkeypatch.setattr(payloads, "MAX_LINES", 3)
    monkeypatch.setattr(payloads, "MAX_LINE", 2000)
    *lines, last = lines_of(bulk(ci, b"\n".join([b"{}", b"{}", b" " * 3000, b"{}", b"{}"])))
    assert "keyword" in lines[0]["errors"][0]
    assert [line["errors"][0].get("code") for line in lines[1:]] == [
        "NOT_EXPLAINED", "LINE_TOO_LARGE", "TOO_MANY_LINES",
    ]  # fmt: skip
    assert (last["summary"]["complete"], last["summary"]["lines"]) == (False, 4)


def test_bulk_of_nothing_is_a_summary_of_nothing(published, ci):
    (last,) = lines_of(bulk(ci, b""))
    assert last["summary"]["lines"] == 0


def test_bulk_refuses_json_and_unknown_parameters(published, ci):
    answer = ci.post(f"{BASE}/validate-bulk", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    answer = bulk(ci, b"{}", "?colour=red")
    assert (answer.status_code, answer.json()["code"]) == (400, "UNKNOWN_PARAMETER")


def test_a_thousand_payloads_are_answered_alike_whether_one_is_wrong_or_none(good, published, ci):
    fine, wrong = json.dumps(good), json.dumps({**good, "caseId": SECRET_VALUE})
    *lines, last = lines_of(bulk(ci, "\n".join([fine] * 1000).encode()))
    assert lines == [{"line": number, "valid": True} for number in range(1, 1001)]
    assert (last["summary"]["valid"], last["summary"]["invalid"]) == (1000, 0)
    *lines, last = lines_of(bulk(ci, "\n".join([fine] * 500 + [wrong] + [fine] * 5000).encode()))
    assert [line["line"] for line in lines if not line["valid"]] == [501]
    assert (last["summary"]["valid"], last["summary"]["invalid"]) == (5500, 1)


def test_lines_that_only_together_are_json_are_refused_each(published, ci):
    *lines, _ = lines_of(bulk(ci, b"\n".join([b"1,2", b'{"a":1', b'"b":2}'] * 50)))
    assert {line["errors"][0]["code"] for line in lines} == {"MALFORMED_JSON"}
