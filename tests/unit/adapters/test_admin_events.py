"""Admin events as they come from Keycloak: without secrets, and no more of them than is asked for."""

import json
from typing import Any

import pytest

from reconciler.adapters.admin.events import event_of
from reconciler.model.attribution import Actor, AdminEvent
from reconciler.model.sensitive import masked
from reconciler.model.value import Value

SECRET = "hunter2-hunter2"


def sent(content: Any, keys: tuple[str, ...] | None = None) -> Value:
    text = content if isinstance(content, str) else json.dumps(content)
    return event_of({"id": "e1", "representation": text}, keys).content


@pytest.mark.parametrize("keys", [None, ("secret", "enabled", "credentials")])
@pytest.mark.parametrize("key", ["secret", "registrationAccessToken", "credentials", "privateKey"])
def test_events_come_without_secrets(key: str, keys: tuple[str, ...] | None) -> None:
    assert sent({key: SECRET, "enabled": True}, keys) == {"enabled": True}


def test_events_mask_what_is_a_secret_by_its_name() -> None:
    content = {"attributes": {"crm.password": SECRET}}
    assert sent(content) == masked(content) == {"attributes": {"crm.password": "(sensitive value)"}}


@pytest.mark.parametrize("keys", [None, (), ("enabled",)])
@pytest.mark.parametrize("text", ["", f'{{"enabled": true, "secret": "{SECRET[:5]}', "[" * 100_000])
def test_what_cannot_be_read_says_nothing(text: str, keys: tuple[str, ...] | None) -> None:
    """Nothing can be proved by it, so that more is read."""
    assert sent(text, keys) is None


def test_of_an_object_only_the_keys_that_are_asked_for_are_kept() -> None:
    content = {"authorizationServicesEnabled": False, "clientId": "acme"}
    assert sent(content, ("authorizationServicesEnabled", "enabled")) == {"authorizationServicesEnabled": False}
    assert sent(content, ()) == {}
    assert sent(content) == content
    assert sent([{"name": "role"}], ()) == ({"name": "role"},)


def test_an_event_without_what_was_sent_has_an_empty_path_and_no_content() -> None:
    assert event_of({}) == AdminEvent("", 0, "", "", "", Actor("", "", "", ""))
