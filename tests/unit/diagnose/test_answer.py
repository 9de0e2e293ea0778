"""Error answers that somebody brings along are explained, offline."""

import json

import pytest

from reconciler.diagnose.answer import explained
from reconciler.diagnose.problems import PROBLEMS
from reconciler.model.diagnosis import CheckStatus
from tests.unit.diagnose.builders import codes

CATALOGUE = {
    "malformed-request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "capability-required": 403,
    "dpa-not-accepted": 403,
    "not-found": 404,
    "version-mismatch": 409,
    "resource-exists-different-body": 409,
    "milestone-already-set": 409,
    "validation-error": 422,
    "idempotency-key-reused": 422,
    "rate-limited": 429,
    "internal-error": 500,
}
"""The platform's whole catalogue of problems."""


def problem(kind: str, **more: object) -> str:
    known = {"type": f"https://api.novatrade24.com/problems/{kind}", "status": CATALOGUE.get(kind, 400)}
    return json.dumps({**known, "detail": "In its own words.", "traceId": "req_1", **more})


def test_the_whole_catalogue_is_explained() -> None:
    assert set(PROBLEMS) == set(CATALOGUE)


@pytest.mark.parametrize("kind", CATALOGUE)
def test_a_problem_is_explained_with_its_trace(kind: str) -> None:
    found = explained(problem(kind))

    assert found.status is CheckStatus.WARNING
    assert found.causes == PROBLEMS[kind]
    assert all(cause.remedy and (cause.certain or cause.tell) for cause in found.causes)
    assert found.summary.startswith(f"{CATALOGUE[kind]} ")
    assert dict(found.evidence)["traceId"] == "req_1"


def test_the_fields_of_a_validation_error_are_named() -> None:
    errors = [{"field": "url", "message": "must be https", "rejectedValue": "http://x"}, "nonsense"]
    found = explained(problem("validation-error", errors=errors))

    assert dict(found.evidence)["url"] == "must be https"


def test_what_curl_prints_is_read_with_its_head() -> None:
    head = "HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 429 \r\nRetry-After: 7\r\nX-Request-Id: abc\r\n\r\n"
    found = explained(head + problem("rate-limited"))

    assert dict(found.evidence)["Retry-After"] == "7 s"
    assert dict(found.evidence)["X-Request-Id"] == "abc"
    assert codes(found) == ["rate-limited"]


def test_an_error_of_the_token_endpoint_is_explained() -> None:
    found = explained('{"error": "unsupported_grant_type", "error_description": "Unsupported grant_type"}')

    assert codes(found) == ["wrong-grant-type"]
    assert found.summary == "unsupported_grant_type: Unsupported grant_type"


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"type": "about:blank"}', "HTTP/1.1", "[" * 100_000, "null"])
def test_what_is_no_known_answer_is_said_to_be_none(text: str) -> None:
    found = explained(text)

    assert found.status is CheckStatus.FAILED
    assert codes(found) == ["unexplained"]


def test_a_token_that_comes_along_is_not_shown() -> None:
    assert "hunter2" not in repr(explained('{"access_token": "hunter2", "expires_in": 300}'))
