"""Logins that Keycloak shows only some objects, with 200 and without a word: that is said, and nothing is absent."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand, Command

ALL = ("view-clients", "view-users", "view-organizations", "view-realm", "view-events", "view-identity-providers")
SECRET = "a-secret-for-a-test-only"
EMPTY_WORDS = ("to create", "to add", "No changes", "will be created", "deleted", "to destroy")
Login = Callable[..., dict[str, str]]


@pytest.fixture
def command(sandbox: Running, no_realm: str, tmp_path: Path) -> Command:
    found = Command(tmp_path, sandbox)
    found.declare(a_realm(no_realm), an_organization("acme"), an_organization("beta"))
    found.apply("--no-effective")
    return found


@pytest.fixture
def login(admin: httpx.Client, no_realm: str) -> Login:
    """Make a login of the realm itself; returns the settings that a command needs."""
    by_hand = ByHand(admin, no_realm)

    def made(name: str, *roles: str, **attributes: str) -> dict[str, str]:
        by_hand.make_client(name, secret=SECRET, attributes=attributes)
        client, management = by_hand.client(name), by_hand.client("realm-management")
        assert client is not None
        assert management is not None
        user = by_hand.get(f"/clients/{client['id']}/service-account-user")["id"]
        body = [by_hand.get(f"/clients/{management['id']}/roles/{role}") for role in roles]
        path = f"/{no_realm}/users/{user}/role-mappings/clients/{management['id']}"
        admin.post(path, json=body).raise_for_status()
        return {
            "KEYCLOAK_USER": "",
            "KEYCLOAK_PASSWORD": "",
            "KEYCLOAK_REALM": no_realm,
            "KEYCLOAK_CLIENT_ID": name,
            "KEYCLOAK_CLIENT_SECRET": SECRET,
        }

    return made


def querying(kind: str) -> tuple[str, ...]:
    """Return the roles of a login that may only query objects of this kind."""
    return (*(role for role in ALL if role != f"view-{kind}"), f"query-{kind}")


def says_that_it_is_not_complete(command: Command, kind: str, settings: dict[str, str]) -> None:
    for asked in ("plan", "drift"):
        done = command(asked, "--no-effective", **settings)
        said = done.stdout + done.stderr
        assert done.returncode == ExitCode.ERROR, said
        assert "Not complete" in said, said
        assert f"the role view-{kind} of the client realm-management" in said, said
        assert [words for words in EMPTY_WORDS if words in said] == [], said


@pytest.mark.parametrize("kind", ["clients", "organizations", "users"])
@pytest.mark.parametrize("token", ["roles", "lightweight"])
def test_a_login_that_may_only_query_takes_nothing_for_absent(
    command: Command, login: Login, kind: str, token: str
) -> None:
    """With a lightweight token, which names no roles, only contradictions tell."""
    more = {"client.use.lightweight.access.token.enabled": "true"} if token == "lightweight" else {}
    if (kind, token) == ("organizations", "lightweight"):
        pytest.skip("nothing that Keycloak lists contradicts organizations that are hidden")
    says_that_it_is_not_complete(command, kind, login("reader", *querying(kind), **more))


def test_fine_grained_permissions_do_not_make_hidden_clients_absent(
    command: Command, admin: httpx.Client, no_realm: str, login: Login
) -> None:
    settings = login("reader", *querying("clients"))
    admin.put(f"/{no_realm}", json={"adminPermissionsEnabled": True}).raise_for_status()
    says_that_it_is_not_complete(command, "clients", settings)


def test_a_login_with_all_roles_is_complete_with_fine_grained_permissions_too(
    command: Command, admin: httpx.Client, no_realm: str, login: Login
) -> None:
    settings = login("reader", *ALL)
    admin.put(f"/{no_realm}", json={"adminPermissionsEnabled": True}).raise_for_status()
    assert command.plan_is_empty("--no-effective", **settings)


@pytest.mark.parametrize("kind", ["organizations", "users"])
def test_nothing_is_deleted_while_something_is_hidden(
    command: Command, admin: httpx.Client, no_realm: str, login: Login, kind: str
) -> None:
    """The login may write everything else: only that it does not see all keeps it from deleting what it sees."""
    writing = [f"manage-{each}" for each in ("clients", "organizations", "users", "realm") if each != kind]
    settings = login("writer", *querying(kind), *writing)
    by_hand = ByHand(admin, no_realm)
    command.withdraw("beta")

    planned = command("plan", "--no-effective", **settings)
    assert planned.returncode == ExitCode.ERROR, planned.stdout + planned.stderr
    assert "it is unknown who still needs it" in planned.stdout
    assert "0 to destroy" in planned.stdout
    done = command("apply", "--auto-approve", "--no-effective", "--allow-delete", "--force", **settings)
    assert done.returncode == ExitCode.PARTIAL, done.stdout + done.stderr
    assert "0 destroyed" in done.stdout
    assert by_hand.client("api-client-beta") is not None
    assert by_hand.organization("beta") is not None

    # Whoever sees all of it deletes both.
    command.apply("--no-effective", "--allow-delete", "--force")
    assert by_hand.client("api-client-beta") is None
    assert by_hand.organization("beta") is None
