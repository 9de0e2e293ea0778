"""What people see when the command line, the network or a machine in between is wrong; no Keycloak is needed."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from reconciler.model.errors import ExitCode
from tests.e2e import fork_server

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
PASSWORD: Final = "correct-horse-battery"
TOKEN: Final = "header.payload.signature"

Done = subprocess.CompletedProcess[str]
Answer = tuple[int, Mapping[str, str], bytes]


def reconciler(*arguments: str, **settings: str) -> Done:
    """Run the command with nothing but ``settings`` in its environment, and check what holds for every error."""
    done = fork_server.run(arguments, Path.cwd(), {"PATH": os.environ["PATH"], **settings})
    assert "Traceback" not in done.stderr
    assert "Internal error" not in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr
    return done


def plan(url: str, *arguments: str) -> Done:
    login = {"KEYCLOAK_USER": "admin", "KEYCLOAK_PASSWORD": PASSWORD}
    return reconciler("plan", "-f", str(EXAMPLES), "--no-effective", *arguments, KEYCLOAK_URL=url, **login)


def a_closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def stub(answer: Callable[[str], Answer]) -> Iterator[tuple[str, list[str]]]:
    """Serve ``answer`` for each path; yield the URL and the paths that were asked, in order."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append(self.path)
            status, headers, body = answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def logged_in(answer: Answer) -> Callable[[str], Answer]:
    """Give a token to whoever asks for one, and ``answer`` to everything else."""
    token = json.dumps({"access_token": TOKEN, "expires_in": 60}).encode()

    def choose(path: str) -> Answer:
        return (200, {"Content-Type": "application/json"}, token) if path.endswith("/token") else answer

    return choose


WEB_PAGE: Final[Answer] = (200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>Please log in</html>")


def test_a_server_that_is_down_is_named_with_what_to_check() -> None:
    url = f"http://127.0.0.1:{a_closed_port()}"

    done = plan(url)

    assert done.returncode == ExitCode.UNREACHABLE
    assert f"Keycloak cannot be reached at {url}" in done.stderr
    assert "Check host and port in KEYCLOAK_URL," in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("answer", [lambda _: WEB_PAGE, logged_in(WEB_PAGE)], ids=["at-login", "after-login"])
def test_a_proxy_s_web_page_is_not_taken_for_keycloak(answer: Callable[[str], Answer]) -> None:
    with stub(answer) as (url, _):
        done = plan(url)

    assert done.returncode == ExitCode.UNREACHABLE
    assert "a web page instead of JSON" in done.stderr
    assert "Another server answers in place of Keycloak" in done.stderr


def test_a_redirect_is_not_followed() -> None:
    with stub(logged_in((302, {"Location": "https://login.example/"}, b""))) as (url, asked):
        done = plan(url)

    assert done.returncode == ExitCode.UNREACHABLE
    assert "a redirect to https://login.example/" in done.stderr
    assert len(asked) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_after_the_time_it_names(status: int) -> None:
    started = time.monotonic()
    with stub(logged_in((status, {"Retry-After": "1"}, b""))) as (url, asked):
        done = plan(url)

    assert done.returncode == ExitCode.UNREACHABLE
    assert "try again in 1 s" in done.stderr
    assert len([path for path in asked if not path.endswith("/token")]) == 4
    assert time.monotonic() - started >= 3


def test_an_answer_without_a_token_is_no_login() -> None:
    with stub(lambda _: (200, {"Content-Type": "application/json"}, b"{}")) as (url, _):
        done = plan(url)

    assert done.returncode == ExitCode.UNREACHABLE


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (("plna",), {}, "No such command 'plna'"),
        (("plan", "--no-colour"), {}, "No such option"),
        (("plan", "--target", "organisation/acme"), {}, "Did you mean organization/acme?"),
        (("plan", "-f", "{examples}"), {"NT24_REALM": ".."}, "'..' cannot be the name of a realm"),
        (("plan", "-f", "{examples}", "--realm", "a/b"), {}, "'a/b' cannot be the name of a realm"),
        (("plan", "-f", "{examples}"), {"RECONCILER_OWNER": "x" * 256}, "256 UTF-16 code units, 255 are allowed"),
        (("plan", "-f", "{examples}", "--owner", ""), {}, "The owner has no name"),
        (("me",), {}, "No client is named"),
        (("plan", "-f", "{examples}"), {}, "KEYCLOAK_URL is not set"),
        (("plan", "-f", "{examples}"), {"KEYCLOAK_URL": "http://127.0.0.1:9"}, "There are no credentials"),
        (
            ("plan", "-f", "{examples}"),
            {"KEYCLOAK_URL": "http://127.0.0.1:9", "KEYCLOAK_ACCESS_TOKEN": TOKEN},
            "NT24_API_URL is not set",
        ),
        (
            ("plan", "-f", "{examples}", "--no-effective"),
            {"KEYCLOAK_URL": "http://keycloak.example", "KEYCLOAK_ACCESS_TOKEN": TOKEN},
            "plain HTTP",
        ),
        (
            ("plan", "-f", "{examples}", "--no-effective"),
            {"KEYCLOAK_URL": f"https://admin:{PASSWORD}@keycloak.example", "KEYCLOAK_ACCESS_TOKEN": TOKEN},
            "holds a user name or password",
        ),
        (
            ("plan", "-f", "{examples}", "--realm", "other"),
            {"KEYCLOAK_URL": "http://127.0.0.1:9", "KEYCLOAK_ACCESS_TOKEN": TOKEN},
            "declare the realm 'nt24-idp'",
        ),
    ],
)
def test_wrong_usage_has_an_exit_code_of_its_own(
    arguments: tuple[str, ...], settings: dict[str, str], words: str
) -> None:
    done = reconciler(*(argument.format(examples=EXAMPLES) for argument in arguments), **settings)

    assert done.returncode == ExitCode.USAGE
    assert words in done.stderr
    assert done.stdout == ""


def test_manifests_are_checked_before_any_server_is_asked(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("apiVersion: reconciler/v1\nkind: Realm\nspec: {unknown: 1}\n", "utf-8")

    done = reconciler("plan", "-f", str(tmp_path), KEYCLOAK_URL="http://127.0.0.1:9", KEYCLOAK_ACCESS_TOKEN=TOKEN)

    assert done.returncode == ExitCode.ERROR
    assert "broken.yaml:3:8: spec.unknown" in done.stderr


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_help_and_version_import_nothing_heavy(option: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "reconciler", option], capture_output=True, text=True, check=True
    )

    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "click" in imported
    assert imported & {"keycloak", "deepdiff", "pydantic", "httpx", "aiohttp", "yaml", "rich"} == set()
