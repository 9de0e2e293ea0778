"""docs/story.md is told as it stands there: its commands are typed into a shell, and print what it says."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import pytest

from reconciler.model import layout
from reconciler.sandbox.lifecycle import Running
from tests.e2e.command import ByHand
from tests.e2e.terminal import Terminal, Typed, typed
from tests.server import AdminAuth

STORY: Final = Path(__file__).parents[2] / "docs" / "story.md"
JANE: Final = "jane.doe"
PASSWORD: Final = "jane-of-the-tests"
BY_HAND: Final = "**By hand:** "


@pytest.fixture
def jane(sandbox: Running, admin: httpx.Client, tmp_path: Path) -> Iterator[httpx.Client]:
    """Jane Doe, an administrator with a login of her own; the realm is in its name, as others may test beside us."""
    name = f"{JANE}-{sandbox.realm}"
    person = {"username": name, "enabled": True, "firstName": "Jane", "lastName": "Doe"}
    password = {"type": "password", "value": PASSWORD}
    body = {**person, "email": f"{name}@example.com", "credentials": [password]}
    admin.post("/master/users", json=body).raise_for_status()
    her = admin.get("/master/users", params={"username": name, "exact": "true"}).json()[0]["id"]
    role = admin.get("/master/roles/admin").json()
    admin.post(f"/master/users/{her}/role-mappings/realm", json=[role]).raise_for_status()
    file = tmp_path / "jane"
    file.write_text(PASSWORD, encoding="utf-8")
    auth = AdminAuth(replace(sandbox, admin_user=name, admin_password_file=file))
    with httpx.Client(
        base_url=f"{sandbox.keycloak_url}/admin/realms", auth=auth, timeout=60, trust_env=False
    ) as client:
        yield client
    admin.delete(f"/master/users/{her}").raise_for_status()


@pytest.fixture
def terminal(sandbox: Running, tmp_path: Path) -> Iterator[Terminal]:
    """A person's shell: it knows where the systems are, and how to log in."""
    home = tmp_path / "home"
    home.mkdir()
    shell = Terminal(
        home,
        {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada Byron",
            "GIT_AUTHOR_EMAIL": "ada@example.com",
            "GIT_COMMITTER_NAME": "Ada Byron",
            "GIT_COMMITTER_EMAIL": "ada@example.com",
            "KEYCLOAK_URL": sandbox.keycloak_url,
            "KEYCLOAK_USER": sandbox.admin_user,
            "KEYCLOAK_PASSWORD": sandbox.admin_password,
            "NT24_API_URL": sandbox.api_url,
        },
    )
    yield shell
    shell.close()


def change_acme_motors(jane: httpx.Client, realm: str) -> None:
    seen = ByHand(jane, realm)
    organization, client = seen.organization("acme-motors"), seen.client("api-client-acme-motors")
    assert organization is not None
    assert client is not None
    attributes = organization["attributes"] | {"allowContactPersonalData": ["true"]}
    assert layout.PARTNERS in attributes
    path = f"/{realm}/organizations/{organization['id']}"
    jane.put(path, json=organization | {"attributes": attributes}).raise_for_status()
    changed = client | {"redirectUris": ["https://elsewhere.example/*"]}
    jane.put(f"/{realm}/clients/{client['id']}", json=changed).raise_for_status()


DONE_BY_HAND: Final = {
    f"{JANE} lets Acme Motors read contacts' personal data, and its client send users to another address.": (
        change_acme_motors
    ),
}


@pytest.mark.usefixtures("partners_of_the_examples")
def test_the_story_is_as_it_is_told(terminal: Terminal, jane: httpx.Client, no_realm: str) -> None:
    text = STORY.read_text(encoding="utf-8")
    assert {step for step in typed(text, BY_HAND) if isinstance(step, str)} == DONE_BY_HAND.keys()

    for step in typed(text.replace("nt24-idp", no_realm).replace(f"by {JANE} ", f"by {JANE}-{no_realm} "), BY_HAND):
        if isinstance(step, Typed):
            printed = terminal.type(step.command)
            expected = "\n".join(step.output)
            assert step.is_met_by(printed), (
                f"docs/story.md:{step.line}: $ {step.command}\n{printed}\n-- not --\n{expected}"
            )
        else:
            DONE_BY_HAND[step](jane, no_realm)
