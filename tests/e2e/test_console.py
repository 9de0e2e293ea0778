"""What the admin console writes with whatever is saved there is no drift; what somebody changes there is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand, Command

CLIENT = "api-client-acme"
EMPTY = (
    "access.token.signed.response.alg",
    "backchannel.logout.url",
    "client.session.idle.timeout",
    "consent.screen.text",
    "default.acr.values",
    "exclude.issuer.from.auth.response",
    "exclude.session.state.from.auth.response",
    "id.token.signed.response.alg",
    "login_theme",
    "minimum.acr.value",
    "policyUri",
    "request.object.encryption.alg",
    "request.uris",
    "standard.token.exchange.enableRefreshRequestedTokenType",
)
FORM = {
    **dict.fromkeys(EMPTY, ""),
    "access.token.header.type.rfc9068": "false",
    "acr.loa.map": "{}",
    "client.introspection.response.allow.jwt.claim.enabled": "false",
    "client.use.lightweight.access.token.enabled": "false",
    "client_credentials.use_refresh_token": "false",
    "display.on.consent.screen": "false",
    "dpop.bound.access.tokens": "false",
    "id.token.as.detached.signature": "false",
    "logout.confirmation.enabled": "false",
    "oauth2.device.authorization.grant.enabled": False,
    "oauth2.jwt.authorization.grant.enabled": False,
    "oidc.ciba.grant.enabled": False,
    "request.object.required": "not required",
    "require.pushed.authorization.requests": "false",
    "standard.token.exchange.enabled": False,
    "tls.client.certificate.bound.access.tokens": "false",
    "token.response.type.bearer.lower-case": "false",
    "use.refresh.tokens": "true",
}
"""What the form of Keycloak 26.7.5 sends of a client that is opened and saved."""
ADDED = {name: value for name, value in FORM.items() if value != ""}
WORDS = {"name": "", "description": "", "rootUrl": "", "baseUrl": "", "adminUrl": ""}
FLOWS = {"authenticationFlowBindingOverrides": {"browser": "", "direct_grant": ""}}


@pytest.fixture
def command(sandbox: Running, no_realm: str, tmp_path: Path) -> Command:
    found = Command(tmp_path, sandbox)
    found.declare(a_realm(no_realm), an_organization("acme"))
    found.apply("--no-effective")
    return found


@pytest.fixture
def hands(admin: httpx.Client, no_realm: str) -> ByHand:
    return ByHand(admin, no_realm)


@pytest.fixture
def page(browser: Browser, sandbox: Running) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1600, "height": 2500})
    opened.set_default_timeout(90_000)
    opened.goto(f"{sandbox.keycloak_url}/admin/master/console/")
    opened.fill("#username", sandbox.admin_user)
    opened.fill("#password", sandbox.admin_password)
    opened.press("#password", "Enter")
    yield opened
    opened.close()


def of_client(hands: ByHand) -> dict[str, Any]:
    client = hands.client(CLIENT)
    assert client is not None
    return client


def save(admin: httpx.Client, realm: str, client: dict[str, Any], **attributes: Any) -> None:
    """Send what the form sends."""
    body = {**client, **WORDS, **FLOWS, "attributes": {**client["attributes"], **FORM, **attributes}}
    admin.put(f"/{realm}/clients/{client['id']}", json=body).raise_for_status()


def test_a_client_that_was_opened_and_saved_is_no_drift(command: Command, hands: ByHand, page: Page) -> None:
    client = of_client(hands)
    base = page.url.split("#")[0]
    for tab, button in (("settings", "settings-save"), ("advanced", "OIDCAdvancedSave")):
        page.goto(f"{base}#/{command.realm}/clients/{client['id']}/{tab}")
        with page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
            page.get_by_test_id(button).first.click()
        assert saved.value.ok
    written = of_client(hands)["attributes"].keys() - client["attributes"].keys()
    assert written >= ADDED.keys()
    assert command.plan_is_empty("--no-effective")
    assert command("drift", "--no-effective").returncode == 0


def test_what_the_form_sends_is_no_drift_and_a_value_that_differs_is(
    command: Command, hands: ByHand, admin: httpx.Client, no_realm: str
) -> None:
    client = of_client(hands)
    save(admin, no_realm, client, **{"post.logout.redirect.uris": "+"})
    assert command.plan_is_empty("--no-effective")
    assert of_client(hands)["attributes"]["post.logout.redirect.uris"] == "+"

    save(admin, no_realm, client, **{"standard.token.exchange.enabled": True, "use.refresh.tokens": "false"})
    drift = command("drift", "--no-effective")
    assert drift.returncode == 2, drift.stdout + drift.stderr
    for name in ADDED:
        is_changed = name in {"standard.token.exchange.enabled", "use.refresh.tokens"}
        assert (f"keycloak.attributes.{name}:" in drift.stdout) is is_changed, drift.stdout
    command.apply("--no-effective")
    assert command.plan_is_empty("--no-effective")
    attributes = of_client(hands)["attributes"]
    assert attributes.get("standard.token.exchange.enabled") is None
    assert attributes.get("use.refresh.tokens") is None


def test_what_an_import_adds_to_a_mapper_is_no_drift_and_a_value_that_differs_is(
    command: Command, hands: ByHand, admin: httpx.Client, no_realm: str
) -> None:
    scope = next(each for each in hands.get("/client-scopes") if each["name"] == "basic")
    mapper = next(each for each in scope["protocolMappers"] if each["name"] == "auth_time")
    place = f"/{no_realm}/client-scopes/{scope['id']}/protocol-mappers/models/{mapper['id']}"

    def put(**config: str) -> None:
        admin.put(place, json={**mapper, "config": {**mapper["config"], **config}}).raise_for_status()

    put(**{"userinfo.token.claim": "true", "lightweight.claim": "false"})
    assert command.plan_is_empty("--no-effective")
    put(**{"userinfo.token.claim": "false"})
    drift = command("drift", "--no-effective")
    assert drift.returncode == 2, drift.stdout + drift.stderr
    command.apply("--no-effective")
    assert command.plan_is_empty("--no-effective")
