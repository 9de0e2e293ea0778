"""Every answer can be traced, and every error is a problem document."""

import logging

import pytest

from reconciler.sandbox.platform.organizations import Organization
from tests.unit.sandbox.platform.builders import Platform, a_token, problem


def test_a_harmless_request_id_is_echoed(platform: Platform) -> None:
    response = platform.get("/v1/me", a_token(), {"X-Request-Id": "run-7:client.1"})

    assert response.headers["X-Request-Id"] == "run-7:client.1"


@pytest.mark.parametrize("wanted", ["", "x" * 129, "a b", '<script>"'])
def test_any_other_request_id_is_replaced(platform: Platform, wanted: str) -> None:
    response = platform.get("/v1/me", a_token(), {"X-Request-Id": wanted})

    assert len(response.headers["X-Request-Id"]) == 32


def test_errors_carry_the_request_id_too(platform: Platform) -> None:
    assert platform.get("/v1/me", headers={"X-Request-Id": "run-8"}).headers["X-Request-Id"] == "run-8"


def test_every_problem_has_a_trace_id_of_its_own(platform: Platform) -> None:
    first, second = platform.get("/v1/me").json(), platform.get("/v1/me").json()

    assert first["traceId"].startswith("req_")
    assert first["traceId"] != second["traceId"]


def test_an_unknown_path_is_a_problem(platform: Platform) -> None:
    assert problem(platform.get("/v1/unknown", a_token())) == (404, "not-found")


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(platform: Platform) -> None:
    response = platform.request("DELETE", "/v1/me", a_token())

    assert problem(response) == (405, "malformed-request")
    assert "GET" in response.headers["Allow"]


def test_a_defect_of_the_platform_is_a_problem_without_details(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: str) -> Organization | None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr(platform.organizations, "find", broken)
    with caplog.at_level(logging.ERROR):
        response = platform.me()

    assert problem(response) == (500, "internal-error")
    assert "secret reason" not in response.text
    assert response.json()["traceId"] in caplog.text


def test_health_needs_no_token(platform: Platform) -> None:
    assert platform.get("/health").json() == {"status": "UP"}
