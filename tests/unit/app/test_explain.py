"""What a key means: from the schemas and the tables of fields, and nothing else."""

import json

import pytest
from click.testing import CliRunner

from reconciler.app.explain import every_key, explained
from reconciler.cli.explain import explain
from reconciler.kinds.registry import KINDS
from reconciler.manifest.schema import manifest_schema
from reconciler.manifest.settings_file import settings_schema_text
from reconciler.model.errors import WrongUsage
from reconciler.model.risk import RiskLevel

EVERY = {each.key: each for each in every_key()}


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("organization", "organization"),
        ("IntegrationOrganization", "organization"),
        ("organization.spec.displayName", "organization.displayName"),
        ("spec.clients[0].clientId", "client.clientId"),
        ("spec.clients[].accessTokenLifespan", "client.accessTokenLifespan"),
        ("organization.clients.clientId", "client.clientId"),
        ("clients", "organization.clients"),
        ("CLIENT.CLIENTID", "client.clientId"),
        ("client.redirectUris", "client.redirectUris"),
        ("keycloak.redirectUris", "client.redirectUris"),
        ("client.keycloak.redirectUris", "client.redirectUris"),
        ("allowMultiVinOrders", "organization.capabilities.allowMultiVinOrders"),
        ("webhooks[2].url", "webhook.url"),
        ("identityProviders.domain", "identity-provider.domain"),
        ("Realm.spec.adminEvents.details", "realm.adminEvents.details"),
        ("reconciler.yaml", "settings"),
        ("reconciler.yaml.policies", "settings.policies"),
        ("environments.keycloak.url", "settings.environments.keycloak.url"),
        ("policies.when.risk", "settings.policies.when.risk"),
    ],
)
def test_a_key_is_found_however_it_is_written(typed: str, key: str) -> None:
    assert explained(typed).key == key


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("organization.capabilities.orders", "Did you mean organization.capabilities.allowMultiVinOrders?"),
        ("client.redirectUri", "Did you mean client.redirectUris?"),
        ("organisation.displayNam", "Did you mean organization.displayName?"),
        ("xyzzy", "There is no key or code 'xyzzy'."),
        ("", "There is no key or code ''."),
        ("url", "Name one of them: webhook.url, settings.environments.keycloak.url"),
    ],
)
def test_what_is_no_key_is_told_what_is_close(typed: str, words: str) -> None:
    with pytest.raises(WrongUsage) as error:
        explained(typed)

    assert words in f"{error.value.message} {error.value.remedy}"


def names_in(node: object) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(names_in, node))
    if not isinstance(node, dict):
        return set()
    below = node.get("properties", {})
    return {*below, *(name for each in node.values() for name in names_in(each))}


def test_every_key_of_the_schemas_and_every_field_of_the_tables_can_be_explained() -> None:
    known = {part for key in EVERY for part in key.split(".")}
    schemas = (manifest_schema(), json.loads(settings_schema_text()))
    # What each document has, nobody asks for.
    missing = names_in(list(schemas)) - known - {"spec", "apiVersion", "kind"}
    assert missing == set()
    for kind in KINDS.values():
        for path in (row.path for row in kind.fields.rows if row.path and row.path[-1] not in "./"):
            assert explained(f"{kind.kind}.{path}").key in EVERY


def test_each_says_what_it_is() -> None:
    assert [key for key, each in EVERY.items() if not each.description or not each.type or not each.place] == []


def test_what_changing_it_can_do_is_what_plans_say() -> None:
    suspended, enabled = explained("organization.suspended"), explained("client.enabled")

    assert [risk.code for risk in suspended.risks] == ["organization-suspended", "organization-resumed"]
    assert (suspended.default, suspended.is_effective) == ("false", False)
    assert enabled.risks[0].level is RiskLevel.HIGH
    assert explained("client.redirectUris").event_risks[0].code == "redirect-uri-added"
    assert explained("organization.displayName").is_effective
    assert explained("client.accessTokenLifespan").keycloak == "the attribute access.token.lifespan"
    assert explained("webhook.url").keycloak == "not in Keycloak, but on the platform"


def test_the_command_prints_text_and_json() -> None:
    text = CliRunner().invoke(explain, ["client.accessTokenLifespan"])
    document = json.loads(CliRunner().invoke(explain, ["client.accessTokenLifespan", "--json"]).output)
    begins = CliRunner().invoke(explain).output

    assert text.output.startswith(
        "Key:         client.accessTokenLifespan\n"
        "Stands in:   IntegrationOrganization: spec.clients[].accessTokenLifespan\n"
        "Type:        integer, 60 to 3600\n"
        "Default:     300\n"
    )
    assert "  medium  A token that leaks can be used for longer. (token-lifespan-longer)\n" in text.output
    assert (document["key"], document["default"]) == ("client.accessTokenLifespan", "300")
    assert [kind for kind in KINDS if f"  {kind} (object)" not in begins] == []
