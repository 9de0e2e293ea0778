"""What a run says, and how it exits, never disagree: mistakes of people, and a realm that is switched off."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Final

import httpx
import pytest

from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_realm, an_organization
from tests.e2e.command import ByHand, Command
from tests.e2e.test_cli_failures import WEB_PAGE, stub

pytestmark = pytest.mark.e2e

VERDICTS: Final = ("No changes", "No drift", "Verified", "Apply complete")
APPLY: Final = ("apply", "--auto-approve")


@pytest.fixture(scope="module")
def site(sandbox: Running, admin: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """A realm with one organization, as it is declared."""
    admin.delete(f"/{sandbox.realm}")
    command = Command(tmp_path_factory.mktemp("site"), sandbox)
    command.declare(a_realm(sandbox.realm), an_organization("acme", clients=(a_client("api-client-acme"),)))
    command.apply()
    yield command
    admin.delete(f"/{sandbox.realm}")


def check(site: Command, arguments: tuple[str, ...], code: ExitCode, words: str, **settings: str) -> None:
    done = site(*arguments, **settings)
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert words in said
    if code not in {ExitCode.DONE, ExitCode.CHANGES}:
        assert [verdict for verdict in VERDICTS if verdict in said] == []


@pytest.mark.parametrize("command", [("plan",), ("plan", "--json"), ("drift",), APPLY], ids=" ".join)
@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("organization/acmee", "Did you mean organization/acme?"),
        ("client/acme/api-client-acm", "Did you mean client/acme/api-client-acme?"),
        ("organization/*x", ""),
    ],
)
def test_a_target_that_names_nothing_is_wrong_usage(
    site: Command, command: tuple[str, ...], target: str, words: str
) -> None:
    check(site, (*command, "--target", target), ExitCode.USAGE, words)


@pytest.mark.parametrize("command", [("plan",), ("plan", "--json"), ("drift",), APPLY], ids=" ".join)
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("a path too many", "NT24_API_URL"),
        ("a web page", "is a web page instead of JSON"),
        ("Keycloak", "NT24_API_URL"),
    ],
)
def test_an_api_that_is_not_the_platform_s_ends_a_run_before_it_says_or_writes_anything(
    site: Command, command: tuple[str, ...], place: str, words: str
) -> None:
    started = monotonic()
    with stub(lambda _: WEB_PAGE) as (page, _):
        url = {
            "a path too many": f"{site.settings['NT24_API_URL']}/v1",
            "a web page": page,
            "Keycloak": site.settings["KEYCLOAK_URL"],
        }[place]
        check(site, command, ExitCode.UNREACHABLE, words, NT24_API_URL=url)
    assert monotonic() - started < 30
    check(site, ("plan", "--no-effective"), ExitCode.DONE, "No changes", NT24_API_URL="http://127.0.0.1:9")


@pytest.mark.parametrize("switch", [{"organizationsEnabled": False}, {"enabled": False}], ids=str)
def test_a_realm_that_is_switched_off_has_no_verdict_unless_it_is_declared(
    site: Command, admin: httpx.Client, tmp_path: Path, switch: dict[str, bool]
) -> None:
    declared = (site.folder / "acme.yaml").read_text(encoding="utf-8")
    (tmp_path / "acme.yaml").write_text(declared, encoding="utf-8")
    alone = ("-f", str(tmp_path))
    realm = f"/{site.realm}"

    admin.put(realm, json=admin.get(realm).json() | switch).raise_for_status()
    for command in (("plan",), ("plan", "--detailed-exitcode"), ("drift",), APPLY):
        check(site, (*command, *alone), ExitCode.ERROR, "No verdict: not everything could be read.")

    check(site, ("drift",), ExitCode.CHANGES, "Drift: ")
    check(site, ("plan", "--detailed-exitcode"), ExitCode.CHANGES, "1 to change")
    # What is left once organizations are on is planned anew in the same run.
    check(site, APPLY, ExitCode.DONE, "Verified")
    admin.put(realm, json=admin.get(realm).json() | dict.fromkeys(switch, True)).raise_for_status()
    check(site, ("drift",), ExitCode.DONE, "No drift")


def test_an_import_that_can_represent_nothing_is_no_success(site: Command, admin: httpx.Client) -> None:
    hand = ByHand(admin, site.realm)
    made = hand.make_organization("odd", {})
    try:
        check(site, ("import", "--out", "imported", "odd"), ExitCode.ERROR, "organization/odd")
    finally:
        admin.delete(f"/{site.realm}/organizations/{made}").raise_for_status()


def test_no_lock_is_looked_for_in_a_realm_that_is_missing(site: Command) -> None:
    check(site, ("force-unlock",), ExitCode.ERROR, "no realm 'it-missing'", NT24_REALM="it-missing")
