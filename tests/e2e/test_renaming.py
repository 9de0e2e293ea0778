"""Names that pass from one resource to another, and names that others have, on a real Keycloak."""

from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_realm, a_uuid, an_organization
from tests.e2e.command import ByHand, Command

pytestmark = pytest.mark.e2e

CLIENT = a_client("api-client-blitz")
OLD = an_organization("blitz", display_name="Blitz Autohandel GmbH", clients=[CLIENT])
NEW = an_organization("blitz-autohandel", display_name="Blitz Autohandel GmbH", clients=[CLIENT])


@pytest.fixture
def command(tmp_path: Path, sandbox: Running, no_realm: str) -> Command:
    started = Command(tmp_path, sandbox)
    started.declare(a_realm(started.realm))
    return started


@pytest.fixture
def realm(admin: httpx.Client, no_realm: str) -> ByHand:
    return ByHand(admin, no_realm)


def names(realm: ByHand) -> dict[str, str]:
    return {each["alias"]: each["name"] for each in realm.get("/organizations")}


def test_an_organization_gets_another_alias_in_one_run_and_its_client_moves(command: Command, realm: ByHand) -> None:
    command.declare(OLD)
    command.apply()
    command.withdraw("blitz")
    command.declare(NEW)
    shown = command("plan").stdout
    assert 'has the display name "blitz (placeholder)" temporarily' in shown
    # It ends with a proof: the platform answers the client with the new organization.
    command.apply("--allow-delete")
    assert names(realm) == {"blitz-autohandel": "Blitz Autohandel GmbH"}
    assert command.plan_is_empty()


def test_a_soft_deletion_gives_the_name_up_and_takes_it_back(command: Command, realm: ByHand) -> None:
    command.declare(OLD)
    command.apply()
    command.withdraw("blitz")
    command.declare(NEW)
    command.apply("--soft-delete")
    assert names(realm) == {"blitz": "blitz (placeholder)", "blitz-autohandel": "Blitz Autohandel GmbH"}
    assert command.plan_is_empty()
    command.withdraw("blitz-autohandel")
    command.declare(OLD)
    command.apply("--soft-delete")
    assert names(realm)["blitz"] == "Blitz Autohandel GmbH"
    assert command.plan_is_empty()


def test_display_names_are_swapped_and_ids_passed_on_in_one_run(command: Command, realm: ByHand) -> None:
    clients = [a_client("api-client-a"), a_client("api-client-b")]
    command.declare(
        an_organization("north", display_name="North GmbH", clients=clients),
        an_organization("south", display_name="South GmbH"),
    )
    command.apply()
    before = {each["clientId"]: each["id"] for each in realm.get("/clients")}
    clients = [
        a_client("api-client-b", previous=("api-client-a",)),
        a_client("api-client-c", previous=("api-client-b",)),
    ]
    command.declare(
        an_organization("north", display_name="South GmbH", clients=clients),
        an_organization("south", display_name="North GmbH"),
    )
    command.apply()
    assert names(realm) == {"north": "South GmbH", "south": "North GmbH"}
    after = {each["clientId"]: each["id"] for each in realm.get("/clients")}
    assert (after["api-client-b"], after["api-client-c"]) == (before["api-client-a"], before["api-client-b"])
    assert command.plan_is_empty()


def test_what_stands_in_the_way_is_named_and_all_else_is_done(command: Command, realm: ByHand) -> None:
    command.apply()
    realm.make_client("Api-Client-Casey")
    realm.make_organization("theirs", name="Taken GmbH")
    command.declare(
        an_organization("casey"),
        an_organization("taken", display_name="Taken GmbH", clients=()),
        an_organization("fine"),
    )
    shown = command("plan").stdout
    assert (
        "the id 'api-client-casey' is taken by the client 'Api-Client-Casey', which is unmanaged; names of service "
        "accounts ignore case"
    ) in shown
    assert "the display name 'Taken GmbH' is taken by the organization 'theirs', which is unmanaged" in shown
    done = command("apply", "--auto-approve")
    assert done.returncode == 4, done.stdout + done.stderr
    assert names(realm) == {"casey": "Casey", "fine": "Fine", "theirs": "Taken GmbH"}
    assert realm.client("api-client-fine") is not None


def test_a_client_of_another_protocol_is_brought_back_in_one_run(command: Command, realm: ByHand) -> None:
    command.declare(an_organization("acme"))
    command.apply()
    realm.change_client("api-client-acme", protocol="saml")
    command.apply()
    live = realm.client("api-client-acme")
    assert live is not None
    assert live["protocol"] == "openid-connect"
    assert live["defaultClientScopes"] == ["basic", "nt24-organization", "service_account"]
    assert command.plan_is_empty()


def homes(realm: ByHand) -> dict[str, tuple[str, list[str]]]:
    """Return of each organization, by alias, which company it is, and who its members are."""
    found = {}
    for each in realm.get("/organizations", briefRepresentation="false"):
        members = sorted(user["username"] for user in realm.get(f"/organizations/{each['id']}/members"))
        found[each["alias"]] = (each["attributes"]["organizationUuid"][0], members)
    return found


def test_organizations_that_become_each_other_change_nothing(command: Command, realm: ByHand) -> None:
    acme, bolt = a_client("api-client-acme"), a_client("api-client-bolt")
    command.declare(
        an_organization("north", company="Acme", clients=[acme]),
        an_organization("south", company="Bolt", clients=[bolt]),
    )
    command.apply()
    before = homes(realm)
    command.declare(
        an_organization("north", company="Bolt", clients=[bolt]),
        an_organization("south", company="Acme", clients=[acme]),
    )
    shown = command("plan", "--out", "exchange.plan").stdout
    assert "would get another organizationUuid before clients leave that wait for it" in shown
    assert "Plan: 0 to add, 0 to change, 0 to destroy. 4 resources blocked" in shown
    assert command("show", "exchange.plan").returncode == 0
    assert command("apply", "--auto-approve").returncode == 4
    assert homes(realm) == before


def test_an_organization_becomes_another_company_after_its_client_has_left(command: Command, realm: ByHand) -> None:
    acme, bolt = a_client("api-client-acme"), a_client("api-client-bolt")
    command.declare(an_organization("north", company="Acme", clients=[acme]))
    command.apply()
    command.declare(
        an_organization("north", company="Bolt", clients=[bolt]),
        an_organization("first", company="Acme", clients=[acme]),
    )
    command.apply()
    assert homes(realm) == {
        "north": (str(a_uuid("Bolt")), ["service-account-api-client-bolt"]),
        "first": (str(a_uuid("Acme")), ["service-account-api-client-acme"]),
    }
    assert command.plan_is_empty()
