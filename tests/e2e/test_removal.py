"""Manifests that are gone, clients that are renamed, and two owners of one realm, on a real Keycloak."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.model import layout
from reconciler.model.errors import ExitCode
from reconciler.model.manifest import IntegrationOrganization
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_realm, an_organization
from tests.e2e.command import ByHand, Command

pytestmark = pytest.mark.e2e


@pytest.fixture
def command(tmp_path: Path, sandbox: Running) -> Command:
    return Command(tmp_path, sandbox)


@pytest.fixture
def realm(admin: httpx.Client, no_realm: str) -> ByHand:
    return ByHand(admin, no_realm)


def standing(realm: ByHand, alias: str) -> tuple[bool, bool]:
    """Return whether the organization, and its client, are enabled."""
    organization, client = realm.organization(alias), realm.client(f"api-client-{alias}")
    assert organization is not None
    assert client is not None
    return organization["enabled"], client["enabled"]


def test_a_soft_delete_suspends_then_a_delete_deletes(command: Command, realm: ByHand) -> None:
    command.declare(a_realm(command.realm), an_organization("acme"), an_organization("beta"))
    command.apply()
    command.withdraw("beta")

    refused = command("apply", "--auto-approve")
    assert refused.returncode == 6
    assert "--allow-delete" in refused.stderr
    assert "--soft-delete" in refused.stderr

    done = command.apply("--soft-delete")
    assert "Resources: 0 added, 2 changed, 0 destroyed." in done.stdout
    assert standing(realm, "beta") == (False, False)
    assert standing(realm, "acme") == (True, True)
    assert command.plan_is_empty()
    assert command.plan_is_empty("--soft-delete")
    assert command("drift").returncode == 0
    command.apply()
    assert standing(realm, "beta") == (False, False)

    assert "0 to add, 0 to change, 2 to destroy." in command("plan", "--allow-delete").stdout
    command.apply("--allow-delete")
    assert (realm.organization("beta"), realm.client("api-client-beta")) == (None, None)
    assert command.plan_is_empty()


def test_an_organization_is_retired_by_naming_it(command: Command, realm: ByHand) -> None:
    acme = an_organization("acme", clients=(a_client("api-client-a"), a_client("api-client-b")))
    command.declare(a_realm(command.realm), acme, an_organization("beta"))
    command.apply()

    planned = command("plan", "--destroy", "--target", "acme", "--out", "retire.plan")
    assert "Plan: 0 to add, 0 to change, 3 to destroy." in planned.stdout
    assert "Apply needs --allow-delete: 3 to destroy." in planned.stdout
    assert "reconciler apply retire.plan --allow-delete" in planned.stderr
    assert command("apply", "retire.plan").returncode == 6
    # What goes first: the clients, and then their organization.
    order = [line.split()[1] for line in planned.stdout.splitlines() if line.endswith("will be destroyed")]
    assert order[-1] == "organization/acme"

    command("apply", "retire.plan", "--allow-delete")
    assert (realm.organization("acme"), realm.client("api-client-a"), realm.client("api-client-b")) == (None,) * 3
    assert realm.organization("beta") is not None
    again = command("plan", "--destroy", "--target", "acme")
    assert (again.returncode, "No changes." in again.stdout) == (0, True)

    # The manifest is still there: whoever leaves it there creates it anew.
    assert "3 to add" in command("plan").stdout
    command.withdraw("acme")
    assert command.plan_is_empty()


def test_all_that_is_managed_is_destroyed_but_for_what_is_excluded(command: Command, realm: ByHand) -> None:
    command.declare(a_realm(command.realm), *map(an_organization, ("acme", "beta", "gamma")))
    command.apply()
    command.withdraw("gamma")

    refused = command("apply", "--destroy", "--auto-approve", "--exclude", "beta")
    assert refused.returncode == 6
    assert "The plan deletes 4 managed resources" in refused.stderr
    assert command("plan", "--destroy", "--exclude", "gone").returncode == 64

    done = command.apply("--destroy", "--exclude", "beta", "--allow-delete")
    assert "Not the whole: --exclude leaves out organization/beta (2 changes" in done.stdout
    assert [realm.organization(name) is not None for name in ("acme", "beta", "gamma")] == [False, True, False]
    left_out = command("plan", "--destroy", "--exclude", "beta", "--detailed-exitcode")
    assert (left_out.returncode, "match" in left_out.stdout) == (2, False)
    assert "No changes outside of what --exclude leaves out." in left_out.stdout
    done = command.apply("--destroy", "--allow-delete")
    assert "what the plan says" in done.stdout
    gone = command("plan", "--destroy", "--detailed-exitcode")
    assert (gone.returncode, "match" in gone.stdout) == (0, False)
    assert "No changes. Nothing is left to destroy." in gone.stdout
    assert realm.organization("beta") is None
    # The realm, and what everybody needs of it, stays.
    assert command("drift", "--target", "realm/" + command.realm).returncode == 0


def test_a_manifest_that_comes_back_revives_what_was_softly_deleted(command: Command, realm: ByHand) -> None:
    command.declare(a_realm(command.realm), an_organization("acme"), an_organization("beta"))
    command.apply()
    secret = _secret(realm, "api-client-beta")
    command.withdraw("beta")
    command.apply("--soft-delete")
    command.declare(an_organization("beta"))
    assert command("drift").returncode == 0
    command.apply()
    assert standing(realm, "beta") == (True, True)
    assert _secret(realm, "api-client-beta") == secret
    beta = realm.organization("beta")
    assert beta is not None
    assert layout.SOFT_DELETED_MARK not in beta["attributes"]
    assert command.plan_is_empty()


def test_prevent_destroy_keeps_the_object_reports_it_and_carries_on(command: Command, realm: ByHand) -> None:
    command.declare(a_realm(command.realm), an_organization("acme"), an_organization("beta", prevent_destroy=True))
    command.apply()
    command.withdraw("beta")
    command.declare(an_organization("acme", description="changed"))
    done = command("apply", "--auto-approve", "--allow-delete")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "lifecycle.preventDestroy was set when it was last applied" in done.stdout
    assert "2 resources not done:" in done.stdout
    assert standing(realm, "beta") == (True, True)
    acme = realm.organization("acme")
    assert acme is not None
    assert acme["description"] == "changed"


def test_a_renamed_client_keeps_its_secret_and_its_service_account(command: Command, realm: ByHand) -> None:
    command.declare(a_realm(command.realm), an_organization("acme"))
    command.apply()
    before = realm.client("api-client-acme")
    assert before is not None
    secret, user = _secret(realm, "api-client-acme"), _user(realm, before)

    renamed = a_client("api-client-erp", previous=("api-client-acme",), description="ERP")
    command.declare(an_organization("acme", clients=[renamed]))
    planned = command("plan")
    assert '~ clientId: "api-client-acme" -> "api-client-erp"' in planned.stdout
    assert "0 to add, 1 to change, 0 to destroy." in planned.stdout
    command.apply()

    after = realm.client("api-client-erp")
    assert after is not None
    assert realm.client("api-client-acme") is None
    assert (after["id"], _secret(realm, "api-client-erp")) == (before["id"], secret)
    assert _user(realm, after)["id"] == user["id"]
    assert _user(realm, after)["username"] == "service-account-api-client-erp"
    assert command.plan_is_empty()
    assert '"organizationUuid"' in command("me", "api-client-erp", "--json").stdout


def test_a_rename_can_be_saved_and_applied_exactly(command: Command, realm: ByHand) -> None:
    command.declare(a_realm(command.realm), an_organization("acme"))
    command.apply()
    renamed = a_client("api-client-erp", previous=("api-client-acme",))
    command.declare(an_organization("acme", clients=[renamed]))
    assert command("plan", "--out", "rename.plan").returncode == 0
    done = command("apply", "rename.plan")
    assert done.returncode == 0, done.stdout + done.stderr
    assert command.plan_is_empty()


def test_two_owners_share_one_realm(command: Command, realm: ByHand, tmp_path: Path, sandbox: Running) -> None:
    command.declare(a_realm(command.realm), an_organization("acme"))
    command.apply()
    other = Command(tmp_path / "other", sandbox)
    other.settings["RECONCILER_OWNER"] = "other-team"
    other.declare(an_organization("beta"))
    other.apply()

    # The other's manifests are below this folder: name the own ones.
    own = ("-f", "acme.yaml", "-f", f"{command.realm}.yaml")
    for who, files, theirs in ((command, own, "other-team"), (other, (), "reconciler")):
        assert who.plan_is_empty(*files)
        assert who("drift", *files).returncode == 0
        planned = who("plan", *files).stdout
        assert f"Managed by '{theirs}', left alone (1 organization, 1 client)" in planned
        assert "Warning" not in planned

    other.declare(an_organization("acme"))
    blocked = other("apply", "--auto-approve")
    assert blocked.returncode == 4
    assert "it belongs to the reconciler 'reconciler', not to 'other-team'" in blocked.stdout
    assert _owner(realm, "acme") == "reconciler"

    other.apply("--allow-takeover")
    assert _owner(realm, "acme") == "other-team"
    assert other.plan_is_empty()


def test_too_large_a_share_needs_a_word(command: Command, realm: ByHand) -> None:
    many = [an_organization(f"org-{number}", clients=[]) for number in range(11)]
    command.declare(a_realm(command.realm), *many)
    command.apply()
    for manifest in many[:5]:
        command.withdraw(manifest.name)
    for flag in ("--allow-delete", "--soft-delete"):
        refused = command("apply", "--auto-approve", flag)
        assert refused.returncode == 6
        assert "The plan deletes or disables 5 of 12 resources, more than 30%." in refused.stderr
        assert "--force" in refused.stderr
    command.apply("--allow-delete", "--force")
    assert command.plan_is_empty()


def test_a_target_that_is_nowhere_is_refused_and_nothing_is_written(command: Command, realm: ByHand) -> None:
    command.declare(a_realm(command.realm), an_organization("acme"))
    command.apply("--no-effective")
    command.declare(an_organization("acme", description="changed"))
    before = realm.organization("acme"), realm.client("api-client-acme"), len(realm.get("/clients"))
    for target in ("organization/acne", "client/acme/api-client-acne"):
        for arguments in (("plan", "--out", "nowhere.plan"), ("apply", "--auto-approve"), ("drift", "--fix")):
            refused = command(*arguments, "--no-effective", "--target", target)
            assert refused.returncode == ExitCode.USAGE, refused.stdout + refused.stderr
            assert (
                f"--target {target}: no manifest declares it, and it does not exist in the live systems."
                in refused.stderr
            )
            assert f"Did you mean {target.replace('acne', 'acme')}?" in refused.stderr
            assert "to change" not in refused.stdout
    assert not (command.folder / "nowhere.plan").exists()
    assert (realm.organization("acme"), realm.client("api-client-acme"), len(realm.get("/clients"))) == before


def test_service_accounts_that_lose_their_organization_with_it_are_named(command: Command, realm: ByHand) -> None:
    command.declare(a_realm(command.realm), an_organization("acme"), an_organization("beta"))
    command.apply("--no-effective")
    beta = realm.organization("beta")
    assert beta is not None
    realm.make_client("backend", beta["id"])
    command.withdraw("beta")

    planned = command("plan", "--no-effective", "--json")
    (change,) = [
        each for each in json.loads(planned.stdout)["resource_changes"] if each["address"] == "organization/beta"
    ]
    lost = [
        each
        for each in change["change"]["consequences"]
        if each["risk"]["code"] == "service-accounts-lose-organization"
    ]
    assert [each["names"] for each in lost] == [["service-account-backend"]]
    assert change["change"]["risk"]["level"] == "high"
    shown = command("plan", "--no-effective").stdout
    assert "high risk" in shown
    assert "service-account-backend" in shown

    command.apply("--no-effective", "--allow-delete")
    assert realm.organization("beta") is None
    left = realm.client("backend")
    assert left is not None
    assert _user(realm, left)["username"] == "service-account-backend"
    assert realm.get(f"/organizations/members/{_user(realm, left)['id']}/organizations") == []


def test_ignored_fields_may_be_edited_in_keycloak(command: Command, realm: ByHand, admin: httpx.Client) -> None:
    command.declare(a_realm(command.realm), _ignoring("ERP"))
    command.apply()
    client = realm.client("api-client-acme")
    assert client is not None
    path = f"/{command.realm}/clients/{client['id']}"
    admin.put(path, json={**client, "description": "edited by hand"}).raise_for_status()
    assert command.plan_is_empty()
    assert command("drift").returncode == 0
    command.declare(_ignoring("another description"))
    assert command.plan_is_empty()


def _ignoring(description: str) -> IntegrationOrganization:
    client = a_client(description=description)
    return an_organization("acme", clients=[client], ignore_changes=("spec.clients[*].description",))


def _secret(realm: ByHand, client_id: str) -> Any:
    client = realm.client(client_id)
    assert client is not None
    return realm.get(f"/clients/{client['id']}/client-secret")["value"]


def _user(realm: ByHand, client: dict[str, Any]) -> dict[str, Any]:
    user: dict[str, Any] = realm.get(f"/clients/{client['id']}/service-account-user")
    return user


def _owner(realm: ByHand, alias: str) -> str:
    organization = realm.organization(alias)
    assert organization is not None
    return str(organization["attributes"][layout.OWNER_MARK][0])
