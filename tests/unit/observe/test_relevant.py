"""Which clients are looked at: those that are declared, marked by any owner, or named like an integration's."""

from typing import Any

import pytest

from reconciler.model.address import Address
from reconciler.model.layout import CLIENT_PREFIX, OWNER_MARK
from reconciler.observe.clients import is_relevant
from reconciler.observe.scope import Scope

SCOPE = Scope({"declared": "acme"}, owner="us")


@pytest.mark.parametrize(
    ("client_id", "attributes", "relevant", "wanted"),
    [
        ("declared", {}, True, True),
        ("declared", {OWNER_MARK: "others"}, True, True),
        ("Declared", {}, False, False),
        ("portal", {}, False, False),
        ("portal", None, False, False),
        ("portal", {"other": "us"}, False, False),
        ("portal", {OWNER_MARK: "us"}, True, True),
        ("portal", {OWNER_MARK: "others"}, True, False),
        ("portal", {OWNER_MARK: ""}, True, False),
        (f"{CLIENT_PREFIX}x", {}, True, False),
        (f"{CLIENT_PREFIX}x", None, True, False),
        (f"x-{CLIENT_PREFIX}x", {}, False, False),
        (CLIENT_PREFIX[:-1], {}, False, False),
    ],
)
def test_a_client_is_relevant_by_its_declaration_its_mark_or_its_name(
    client_id: str, attributes: dict[str, Any] | None, relevant: bool, wanted: bool
) -> None:
    representation = {"clientId": client_id} | ({} if attributes is None else {"attributes": attributes})
    assert is_relevant(representation, SCOPE) is relevant
    assert SCOPE.wants_client(representation) is wanted


def test_without_an_owner_no_mark_is_ours() -> None:
    assert not Scope({}).wants_client({"clientId": "portal", "attributes": {OWNER_MARK: None}})
    assert not Scope({}).wants_client({"clientId": "portal", "attributes": {}})


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        (Address.organization("acme"), True),
        (Address.client("acme", "declared"), True),
        (Address.webhook("acme", "w"), True),
        (Address.organization("beta"), False),
        (Address.client("acme", "other"), False),
        (Address.webhook("beta", "w"), False),
        (Address.realm("acme"), False),
    ],
)
def test_a_target_wants_the_clients_that_it_contains_or_that_its_webhook_needs(target: Address, wanted: bool) -> None:
    scope = Scope({"declared": "acme"}, targets=(target,), owner="us")
    assert scope.wants_client({"clientId": "declared"}) is wanted
    # What is to be deleted is looked at in any case.
    assert scope.wants_client({"clientId": "portal", "attributes": {OWNER_MARK: "us"}})
