"""What a run says, and how it exits, never disagree: mistakes of people, and a realm that is switched off."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_realm, an_organization
from tests.e2e.command import ByHand, Command

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
