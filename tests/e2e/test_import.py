"""What others made in a realm is written as manifests, and adopted by the next apply, on a real Keycloak."""

from pathlib import Path

import httpx
import pytest

from reconciler.manifest.load import load
from reconciler.model import layout
from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_client, a_realm, a_uuid, an_organization
from tests.e2e.command import ByHand, Command

pytestmark = pytest.mark.e2e

PARTNER = "3b0d6f0a-6c1e-4d5b-8f57-2f6f5c0c9a11"
FACTS = {
    layout.UUID: [str(a_uuid("acme"))],
    layout.PARTNERS: [PARTNER],
    "rateLimitTier": ["HIGH_VOLUME"],
    "allowMultiVinOrders": ["true"],
    layout.DPA_VERSION: ["2026-01"],
    layout.DPA_ACCEPTED_AT: ["2026-01-15T10:00:00Z"],
}


@pytest.fixture
def command(tmp_path: Path, sandbox: Running) -> Command:
    return Command(tmp_path, sandbox)


@pytest.fixture
def realm(admin: httpx.Client, no_realm: str) -> ByHand:
    found = ByHand(admin, no_realm)
    found.make_realm()
    return found


def test_what_was_made_by_hand_is_imported_without_a_write_adopted_by_apply_and_then_in_order(
    command: Command, realm: ByHand
) -> None:
    realm.make_client("api-client-acme", realm.make_organization("acme", FACTS), description="ERP: NO")
    realm.make_organization("beta", enabled=False)
    before = realm.organization("acme"), realm.client("api-client-acme")

    done = command("import", "--out", "live", "--with-realm")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Keycloak is unchanged: plan shows what adopting these objects would change" in done.stdout
    assert (realm.organization("acme"), realm.client("api-client-acme")) == before

    planned = command("plan", "-f", "live").stdout
    assert "organization/acme exists unmanaged and will be adopted" in planned
    for change in ("fullScopeAllowed: true -> false", "standardFlowEnabled: true -> false"):
        assert change in planned
    command.apply("-f", "live")
    assert command.plan_is_empty("-f", "live")
    assert command("drift", "-f", "live").returncode == 0

    acme, beta = load([command.folder / "live"]).desired.organizations
    assert acme.spec.clients == (a_client(description="ERP: NO"),)
    assert acme.spec.capabilities.allow_multi_vin_orders
    assert beta.spec.suspended
    text = (command.folder / "live" / "acme.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=manifest.schema.json\napiVersion: reconciler/v1\n")
    assert f"- {{uuid: {PARTNER}" in text
    assert (command.folder / "live" / "manifest.schema.json").is_file()


def test_options_of_the_time_when_import_adopted_do_nothing(command: Command, realm: ByHand) -> None:
    realm.make_client("api-client-acme", realm.make_organization("acme"))
    before = realm.organization("acme"), realm.client("api-client-acme")
    old = ("--no-adopt", "--auto-approve", "--verify-timeout", "5", "--lock-timeout", "5s", "--lock-lease", "60s")
    done = command("import", "--out", "live", "--with-realm", *old)
    assert done.returncode == 0, done.stderr
    assert (realm.organization("acme"), realm.client("api-client-acme")) == before
    assert "--no-adopt" not in command("import", "--help").stdout


def test_what_no_manifest_can_say_is_left_out_with_the_reason_and_the_rest_is_imported(
    command: Command, realm: ByHand
) -> None:
    realm.make_client("api-client-acme", realm.make_organization("acme"))
    realm.make_organization("no-uuid", {})
    realm.make_client("legacy-crm", realm.make_organization("legacy"))
    realm.make_organization("Upper.Case")
    long = {"attributes": {layout.TOKEN_LIFESPAN: "86400"}}
    realm.make_client("api-client-long", realm.make_organization("long"), **long)
    done = command("import", "--out", "live", "--with-realm")
    assert done.returncode == 1
    assert sorted(path.name for path in (command.folder / "live").glob("*.yaml")) == ["acme.yaml", "realm.yaml"]
    for words in (
        "Left out: 4 objects.",
        "It has no attribute organizationUuid.",
        "Its client legacy-crm is not called api-client-...",
        "Its alias: 'Upper.Case' is invalid; expected",
        "Its client api-client-long, accessTokenLifespan: 86400 is too large.",
    ):
        assert words in done.stdout
    legacy = realm.organization("legacy")
    assert legacy is not None
    assert layout.OWNER_MARK not in legacy["attributes"]


def test_patterns_choose_and_what_is_declared_already_is_left_out(command: Command, realm: ByHand) -> None:
    for alias in ("acme-1", "acme-2", "beta"):
        realm.make_organization(alias)
    done = command("import", "acme-*", "--out", "live")
    assert done.returncode == 0, done.stdout
    assert sorted(path.name for path in (command.folder / "live").glob("*.yaml")) == ["acme-1.yaml", "acme-2.yaml"]
    (command.folder / "live" / "acme-1.yaml").rename(command.folder / "live" / "mine.yaml")
    again = command("import", "acme-1", "beta", "--out", "live")
    assert again.returncode == 1
    assert "It is declared already, in live/mine.yaml:" in again.stdout
    assert (command.folder / "live" / "beta.yaml").is_file()
    assert command("import", "gamma", "--out", "live").returncode == 1


def test_files_are_overwritten_only_when_asked(command: Command, realm: ByHand) -> None:
    realm.make_organization("acme")
    assert command("import", "--out", "live").returncode == 0
    file = command.folder / "live" / "acme.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    refused = command("import", "--out", "live")
    assert refused.returncode == 6
    assert "1 file exists already: live/acme.yaml. Nothing was written." in refused.stderr
    assert "--overwrite" in refused.stderr
    assert file.read_text(encoding="utf-8").endswith("# mine\n")
    assert command("import", "--out", "live", "--overwrite").returncode == 0
    assert "# mine" not in file.read_text(encoding="utf-8")


def test_what_another_reconciler_owns_is_imported_only_by_takeover(command: Command, realm: ByHand) -> None:
    command.declare(a_realm(command.realm), an_organization("acme"))
    command.apply("--owner", "other-team")
    left = command("import", "--out", "live")
    assert left.returncode == 1
    assert "It belongs to the reconciler 'other-team', not to 'reconciler'." in left.stdout
    done = command("import", "acme", "--out", "live", "--allow-takeover")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "it belongs to the reconciler 'other-team'" in command("plan", "-f", "live").stdout
    taken = command.apply("-f", "live", "--allow-takeover")
    assert '~ reconciler/owner: "other-team" -> "reconciler"' in taken.stdout
    assert command.plan_is_empty("-f", "live")


def test_what_is_ours_is_imported_as_it_was_declared(command: Command, realm: ByHand) -> None:
    command.declare(a_realm(command.realm, lifespan=600), an_organization("acme", prevent_destroy=True))
    command.apply()
    done = command("import", "--out", "live", "--with-realm")
    assert done.returncode == 0, done.stdout + done.stderr
    assert command.plan_is_empty("-f", "live")
    declared = load([command.folder / "acme.yaml", command.folder / f"{command.realm}.yaml"]).desired
    assert load([command.folder / "live"]).desired == declared


def test_a_missing_realm_is_an_error(command: Command, realm: ByHand) -> None:
    done = command("import", "--out", "live", NT24_REALM="nowhere")
    assert done.returncode == 1
    assert "Keycloak has no realm 'nowhere'." in done.stderr
    assert not (command.folder / "live").exists()


def test_import_writes_manifests_whatever_a_policy_says_and_the_plan_is_held_against_it(
    command: Command, realm: ByHand
) -> None:
    realm.make_organization("acme")
    rule = "{name: no-adoption, when: {action: adopt}, then: deny, message: Ask the team first.}"
    settings = f"environments: {{here: {{}}}}\npolicies:\n  - {rule}\n"
    (command.folder / "reconciler.yaml").write_text(settings, encoding="utf-8")
    before = realm.organization("acme")

    done = command("import", "--out", "live", "--with-realm")
    assert done.returncode == 0, done.stdout + done.stderr
    refused = command("apply", "-f", "live", "--auto-approve")

    assert refused.returncode == ExitCode.REFUSED, refused.stdout + refused.stderr
    assert "Denied by policy: no-adoption (reconciler.yaml:3)" in refused.stdout
    assert realm.organization("acme") == before
