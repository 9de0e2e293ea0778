"""Show the main job on a real Keycloak: plan, apply, prove, notice a change by hand, put it back.

Every command is the real one, run as a person would run it.
"""

import shlex
import sys
import textwrap
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx

from reconciler.model import layout
from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Options, Running
from scripts.throwaway import RECONCILER, ROOT, StepFailed, Throwaway, exit_code_of, run_to_the_end, throwaway_sandbox


def demo() -> None:
    """Run the demo in a sandbox of its own; raise StepFailed where a step does not end as it should."""
    started = time.monotonic()
    with throwaway_sandbox(Options(partners=ROOT / "examples" / "partners.json")) as sandbox:
        say(f"A real Keycloak is at {sandbox.running.keycloak_url}, the platform API at {sandbox.running.api_url}.")
        _steps(sandbox)
    say(f"Every step ended as it should, in {time.monotonic() - started:.0f} s. The sandbox is stopped and gone.")


def _steps(sandbox: Throwaway) -> None:
    environment = sandbox.environment()

    def reconciler(*arguments: str, expected: ExitCode = ExitCode.DONE) -> None:
        print(f"\n$ {shlex.join(('reconciler', *arguments))}", flush=True)
        command = (str(RECONCILER), *arguments)
        code = run_to_the_end(command, environment)
        if code != expected:
            raise StepFailed(f"'reconciler {arguments[0]}' ended with {code}; {expected:d} was expected.")
        if expected:
            print(f"(exit code {expected:d})", flush=True)

    say("Three companies integrate with NT24, and one realm holds them. What would be created?")
    reconciler("plan", "-f", "examples")
    say("Make it so. An apply ends when Keycloak and GET /v1/me, asked as each client, say what the files say.")
    reconciler("apply", "-f", "examples", "--auto-approve")
    say("What is in force for each client?")
    reconciler("me", "api-client-acme-motors", "api-client-nordwind-erp", "api-client-nordwind-crm")
    say(
        "Nobody at Casa Auto has accepted the Data Processing Agreement yet, so that it is declared as suspended, and "
        "the platform refuses its client: accepting is a legal act of a person, and the reconciler never invents one."
    )
    reconciler("me", "api-client-casa-auto", expected=ExitCode.ERROR)
    say("Nothing is left to do.")
    reconciler("plan", "-f", "examples", "--detailed-exitcode")
    say(
        "Now somebody logs in to Keycloak's admin console: takes the partner Garage du Lac away from Acme Motors, "
        "lets Acme Motors download KYC documents, and gives a client of Nordwind a mapper that writes another "
        "company's UUID into its tokens."
    )
    _change_by_hand(sandbox.running)
    say("Does anybody notice?")
    reconciler("drift", "-f", "examples", expected=ExitCode.CHANGES)
    say("Put it back.")
    reconciler("apply", "-f", "examples", "--auto-approve")
    reconciler("plan", "-f", "examples", "--detailed-exitcode")


def _change_by_hand(running: Running) -> None:
    try:
        with _administrator(running) as admin:
            _change_acme_motors(admin)
            _add_spoofed_claim(admin, "api-client-nordwind-crm")
    except httpx.HTTPError as error:
        raise StepFailed(f"Keycloak could not be changed by hand: {error}") from error


def _change_acme_motors(admin: httpx.Client) -> None:
    found = admin.get("/organizations", params={"briefRepresentation": False}).raise_for_status().json()
    acme: dict[str, Any] = next(organization for organization in found if organization["alias"] == "acme-motors")
    garage_du_lac = "7d1f4b52-0c8e-4a63-9d0f-51b2e8a4c3d7"
    acme["attributes"][layout.PARTNERS].remove(garage_du_lac)
    acme["attributes"]["allowKycDocumentDownload"] = ["true"]
    admin.put(f"/organizations/{acme['id']}", json=acme).raise_for_status()


def _add_spoofed_claim(admin: httpx.Client, client_id: str) -> None:
    client = admin.get("/clients", params={"clientId": client_id}).raise_for_status().json()[0]
    admin.post(f"/clients/{client['id']}/protocol-mappers/models", json=_SPOOFED_CLAIM).raise_for_status()


_SPOOFED_CLAIM: Final[Mapping[str, Any]] = {
    "name": "harmless",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-hardcoded-claim-mapper",
    "config": {
        "claim.name": "organizationUuid",
        "claim.value": "0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01",
        "jsonType.label": "String",
        "access.token.claim": "true",
    },
}


def _administrator(running: Running) -> httpx.Client:
    """Return Keycloak's Admin API of the realm, with the administrator's token."""
    login = httpx.post(
        f"{running.keycloak_url}/realms/master/protocol/openid-connect/token",
        data={
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": running.admin_user,
            "password": running.admin_password,
        },
        trust_env=False,
    ).raise_for_status()
    return httpx.Client(
        base_url=f"{running.keycloak_url}/admin/realms/{running.realm}",
        headers={"Authorization": f"Bearer {login.json()['access_token']}"},
        timeout=30,
        trust_env=False,
    )


def say(words: str) -> None:
    """Tell the reader what happens next."""
    print("\n" + textwrap.fill(f"# {words}", width=100, subsequent_indent="# "), flush=True)


if __name__ == "__main__":
    sys.exit(exit_code_of(demo))
