"""What the doctor says of certificates, other machines in between, mocks and clocks; no Keycloak is needed for most."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.certificates import DAY, Authority, serving_tls
from tests.e2e import fork_server
from tests.e2e.broken_clients import CLIENT, Clinic, Report
from tests.e2e.command import Command
from tests.e2e.test_cli_failures import Answer, a_closed_port, stub

SECRET: Final = "a-secret-as-long-as-novatrade24-gives-them-out-to-its-integrators-1"
JSON: Final = {"Content-Type": "application/json"}


def doctor(*arguments: str, **settings: str) -> Report:
    """Run the doctor with nothing but these settings."""
    own = {"PATH": os.environ["PATH"], "NT24_CLIENT_ID": CLIENT, "NT24_CLIENT_SECRET": SECRET}
    done = fork_server.run(("doctor", "--json", *arguments), Path.cwd(), {**own, **settings})
    assert "Traceback" not in done.stderr, done.stderr
    assert SECRET not in done.stdout + done.stderr
    return Report(done)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


BAD: Final[dict[str, Callable[[Authority], Path]]] = {
    "certificate-expired": lambda ca: ca.certificate(ends_in=-DAY),
    "certificate-not-yet-valid": lambda ca: ca.certificate(begins_in=DAY, ends_in=3 * DAY),
    "certificate-wrong-host": lambda ca: ca.certificate("idp.example"),
}


@pytest.mark.parametrize("cause", BAD)
def test_a_certificate_that_is_wrong_is_named_and_shown(authority: Authority, cause: str) -> None:
    with serving_tls(BAD[cause](authority)) as url:
        report = doctor(KEYCLOAK_URL=url, NT24_API_URL=url, RECONCILER_CA_FILE=str(authority.file))

    assert report.code == 3
    assert report.failed() == ["keycloak-tls", "api-tls"]
    assert report.causes("keycloak-tls") == report.causes("api-tls") == [cause]
    assert report.evidence("keycloak-tls")["issued by"] == "A Private CA"
    assert report.evidence("keycloak-tls")["certificate for"] in {"127.0.0.1", "idp.example"}


def test_a_private_ca_is_trusted_once_it_is_named(authority: Authority) -> None:
    with serving_tls(authority.certificate(ends_in=5 * DAY)) as url:
        stranger = doctor(KEYCLOAK_URL=url)
        friend = doctor(KEYCLOAK_URL=url, RECONCILER_CA_FILE=str(authority.file))

    assert stranger.causes("keycloak-tls") == ["certificate-untrusted"]
    assert "RECONCILER_CA_FILE" in stranger.cause("keycloak-tls")["remedy"]
    assert friend.status("keycloak-tls") == "warning"
    assert friend.causes("keycloak-tls") == ["certificate-ends-soon"]
    assert friend.causes("realm") == ["not-keycloak"]


def test_a_server_that_is_down_and_one_without_tls_are_told_apart() -> None:
    with stub(lambda _: (200, JSON, b"{}")) as (url, _):
        report = doctor(KEYCLOAK_URL=f"http://127.0.0.1:{a_closed_port()}", NT24_API_URL=url.replace("http:", "https:"))

    assert report.code == 3
    assert report.causes("keycloak") == ["connection-refused"]
    assert report.causes("api-tls") == ["no-tls"]


def test_a_login_page_in_between_is_not_taken_for_keycloak() -> None:
    with stub(lambda _: (200, {"Content-Type": "text/html"}, b"<html>Please log in</html>")) as (url, _):
        report = doctor(KEYCLOAK_URL=url)

    assert report.causes("keycloak") == ["answered-by-another"]


@pytest.fixture(scope="module")
def broken_clients(sandbox: Running, admin: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    admin.delete(f"/{sandbox.realm}")
    run = Command(tmp_path_factory.mktemp("connections"), sandbox)
    run.declare(a_realm(sandbox.realm), an_organization("acme"))
    run.apply()
    yield Clinic(run, sandbox, admin)
    admin.delete(f"/{sandbox.realm}")


EXAMPLE: Final = json.dumps(
    {"organizationUuid": "0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01", "name": "Example", "capabilities": {}}
).encode()


def prism(path: str) -> Answer:
    """Answer as Prism 5 does to any token, from the examples of an OpenAPI document."""
    if path == "/v1/me":
        return 200, JSON, EXAMPLE
    body = {"type": "https://stoplight.io/prism/errors#NO_PATH_MATCHED_ERROR", "status": 404}
    return 404, {"Content-Type": "application/problem+json"}, json.dumps(body).encode()


def test_a_prism_mock_proves_nothing_and_is_said_to(broken_clients: Clinic) -> None:
    with stub(prism) as (url, asked):
        report = broken_clients.doctor(NT24_API_URL=url)
        below = broken_clients.doctor(NT24_API_URL=f"{url}/elsewhere")
        me = broken_clients.command("me", NT24_API_URL=url)

    assert report.code == below.code == 1
    assert report.causes("api") == below.causes("api") == ["mock"]
    assert report.status("me") == report.status("dpa") == "skipped"
    assert asked.count("/v1/me") == 3
    assert "Warning: The API is a mock" in me.stderr


@pytest.mark.parametrize(
    ("status", "kind", "cause"),
    [(503, "internal-error", "overloaded"), (404, "not-found", "api-path-wrong")],
)
def test_an_api_that_is_ill_or_elsewhere_is_told_apart(
    broken_clients: Clinic, status: int, kind: str, cause: str
) -> None:
    body = json.dumps({"type": f"https://api.novatrade24.com/problems/{kind}", "traceId": "req_1"}).encode()
    with stub(lambda _: (status, {"Content-Type": "application/problem+json"}, body)) as (url, _):
        report = broken_clients.doctor(NT24_API_URL=url)

    assert report.code == 3
    assert report.causes("api") == [cause]
    assert report.evidence("api")["traceId"] == "req_1"


LATE = """
import sys
from datetime import timedelta
from reconciler.adapters.clock import SystemClock
now, late = SystemClock.now, timedelta(seconds=int(sys.argv.pop(1)))
SystemClock.now = lambda self: now(self) + late
from reconciler.cli.main import main
main()
"""
"""The command on a machine whose clock is wrong."""


@pytest.mark.parametrize(("seconds", "way"), [(3600, "ahead of"), (-3600, "behind")])
def test_a_machine_whose_clock_is_wrong_is_told(broken_clients: Clinic, seconds: int, way: str) -> None:
    own = {**broken_clients.run.settings, "NT24_CLIENT_ID": CLIENT, "NT24_CLIENT_SECRET": broken_clients.secret()}
    done = subprocess.run(
        [sys.executable, "-c", LATE, str(seconds), "doctor", "--json"],
        env=own, cwd=broken_clients.run.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    report = Report(done)

    assert report.code == 0
    assert report.causes("clock") == ["clock-skew"]
    assert f"{way} Keycloak's" in report.summary("clock")
