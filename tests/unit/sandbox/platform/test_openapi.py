"""The OpenAPI document says all that the platform does, and the platform does all that it says."""

import json
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeAlias
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import settings
from starlette.routing import Route

from reconciler.sandbox.platform.limits import Limits
from tests.unit.sandbox.platform.builders import Platform, a_token, an_organization, problem

FLAGS = frozenset({"allowKycDocumentDownload", "allowContactPersonalData"})
# No rate limit ends the tests early.
PLATFORM = Platform(Path(mkdtemp()), an_organization(tier="ENTERPRISE", flags=FLAGS), Limits(10**9, 10**9, 10**9))
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", PLATFORM.app)
JSON = "application/json"
Case: TypeAlias = schemathesis.Case[Any]
SECRET = "a-secret-of-16-characters"


@SCHEMA.auth()
class Token:
    def get(self, case: Case, context: schemathesis.AuthContext) -> str:
        return a_token()

    def set(self, case: Case, data: str, context: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


def with_a_new_key(case: Case) -> None:
    """Use each acceptable key once: that it is refused for another request has a test of its own."""
    if 0 < len(case.headers.get("Idempotency-Key", "")) <= 255:
        case.headers["Idempotency-Key"] = uuid4().hex


@SCHEMA.parametrize()
@settings(max_examples=10, deadline=None, derandomize=True, database=None)
def test_every_operation_answers_as_documented(case: Case) -> None:
    with_a_new_key(case)
    case.call_and_validate()


class States(SCHEMA.as_state_machine()):  # type: ignore[misc]
    """Call what the links of one answer lead to, such as a webhook that was made, changed and deleted."""

    def before_call(self, case: Case) -> None:
        with_a_new_key(case)


class TestStates(States.TestCase):  # type: ignore[misc, name-defined]
    settings = settings(max_examples=10, stateful_step_count=6, deadline=None, derandomize=True, database=None)


def test_every_route_is_documented(platform: Platform) -> None:
    document = platform.get("/openapi.json").json()
    routes = [each for each in platform.app._app.routes if isinstance(each, Route)]  # type: ignore[attr-defined]
    served = {(each.path, method.lower()) for each in routes for method in (each.methods or ()) if method != "HEAD"}

    assert document["openapi"] == "3.1.0"
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == served


def test_every_v1_operation_needs_a_token_and_says_how_it_refuses(platform: Platform) -> None:
    for path, methods in platform.get("/openapi.json").json()["paths"].items():
        for operation in methods.values():
            assert ("security" in operation) == path.startswith("/v1/")
            if "security" in operation:
                assert {"401", "403", "429", "500", "503"} <= operation["responses"].keys()


@pytest.mark.parametrize(
    ("body", "media_type", "expected", "fields"),
    [
        ({}, JSON, (422, "validation-error"), ["url", "events"]),
        ({"url": "http://erp.example"}, JSON, (422, "validation-error"), ["url", "events"]),
        ({"url": "https://a", "events": ["kyc.*", "*"]}, JSON, (422, "validation-error"), ["events.1"]),
        ({"url": "https://a", "events": []}, JSON, (422, "validation-error"), ["events"]),
        ({"secret": SECRET}, JSON, (422, "validation-error"), ["url", "events"]),
        ({"secret": SECRET * 20}, JSON, (422, "validation-error"), ["url", "events", "secret"]),
        ({"status": None, "color": 1}, JSON, (422, "validation-error"), ["url", "events", "status", "color"]),
        ([], JSON, (400, "malformed-request"), []),
        ({"url": "https://\ud800", "events": ["kyc.*"]}, JSON, (400, "malformed-request"), []),
        ({}, "application/x-www-form-urlencoded", (400, "malformed-request"), []),
    ],
)  # fmt: skip
def test_a_webhook_that_is_not_acceptable_is_refused_without_its_secret(
    platform: Platform, body: Any, media_type: str, expected: tuple[int, str], fields: list[str]
) -> None:
    headers = {"Idempotency-Key": "1", "Content-Type": media_type}
    response = platform.request("POST", "/v1/webhooks", a_token(), headers, json.dumps(body).encode())

    assert problem(response) == expected
    assert [each["field"] for each in response.json().get("errors", [])] == fields
    assert SECRET not in response.text


@pytest.mark.parametrize("depth", [300, 100_000])
def test_a_deep_body_is_malformed(platform: Platform, depth: int) -> None:
    headers = {"Idempotency-Key": "1", "Content-Type": "application/json"}
    response = platform.request("POST", "/v1/webhooks", a_token(), headers, b'{"url":' + b"[" * depth)

    assert problem(response) == (400, "malformed-request")


def test_a_path_with_a_slash_too_many_is_not_found(platform: Platform) -> None:
    assert problem(platform.get("/v1/me/", a_token())) == (404, "not-found")
