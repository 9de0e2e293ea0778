"""Addresses print, parse and sort."""

import pytest

from reconciler.model.address import Address, Kind

ADDRESSES = [
    ("realm/nt24-idp", Address.realm("nt24-idp")),
    ("organization/acme-motors", Address.organization("acme-motors")),
    ("client/acme-motors/api-client-acme", Address.client("acme-motors", "api-client-acme")),
    ("client/acme/odd/client/id", Address.client("acme", "odd/client/id")),
]


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_an_address_prints_as_it_parses(text: str, address: Address) -> None:
    assert str(address) == text
    assert Address.parse(text) == address


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'' is not an address. An address is realm/NAME, organization/NAME, client/NAME/CLIENTID"),
        ("partner/x", "'partner/x' is not an address. An address is realm/NAME, organization/NAME, client/NAME"),
        ("organization.acme", "Did you mean organization/acme[?] An address is realm/NAME, organization/NAME"),
        ("organisation/acme", "Did you mean organization/acme[?]"),
        ("identity_provider.acme.google", "Did you mean identity-provider/acme/google[?]"),
        ("Client:acme:x", "Did you mean client/acme/x[?]"),
        ("organization", "looks like organization/NAME"),
        ("organization/", "looks like organization/NAME"),
        ("client/acme", "looks like client/NAME/CLIENTID"),
        ("client//x", "looks like client/NAME/CLIENTID"),
        ("webhook/acme", "looks like webhook/NAME/WEBHOOK"),
    ],
)
def test_what_is_no_address_is_refused_with_the_shape_of_one(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Address.parse(text)


def test_the_name_of_a_resource_is_its_own_not_its_organizations() -> None:
    assert [address.name for _, address in ADDRESSES] == ["nt24-idp", "acme-motors", "api-client-acme", "odd/client/id"]


def test_addresses_sort_in_the_order_of_creation_then_by_name() -> None:
    addresses = [
        Address.client("acme", "b"),
        Address.client("acme", "a"),
        Address.organization("zeta"),
        Address.organization("acme"),
        Address.realm("r"),
    ]
    assert sorted(addresses, key=lambda address: address.sort_key) == addresses[::-1]


def test_an_organization_contains_itself_and_its_clients_only() -> None:
    acme = Address.organization("acme")
    inside = [acme, Address.client("acme", "x")]
    outside = [Address.organization("beta"), Address.client("beta", "x"), Address.realm("acme")]
    assert [acme.contains(other) for other in (*inside, *outside)] == [True, True, False, False, False]


def test_a_client_contains_only_itself() -> None:
    client = Address.client("acme", "x")
    assert client.contains(client)
    assert not client.contains(Address.organization("acme"))


def test_kinds_rank_in_the_order_of_creation() -> None:
    assert [kind.rank for kind in (Kind.REALM, Kind.ORGANIZATION, Kind.CLIENT)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("organization/acme-*", "client/acme-motors/x", "organization/acme"),
        ("organization/*", "webhook/acme/orders", "realm/acme"),
        ("client/*/api-client-a", "client/acme/api-client-a", "client/acme/api-client-ab"),
        ("client/acme/*", "client/acme/odd/id", "webhook/acme/orders"),
        ("webhook/a?me/orders", "webhook/acme/orders", "webhook/acme/other"),
        ("client/acme/a[1]", "client/acme/a[1]", "client/acme/a2"),
    ],
)
def test_a_pattern_contains_what_is_called_so(pattern: str, inside: str, outside: str) -> None:
    found = [Address.parse(pattern).contains(Address.parse(each)) for each in (pattern, inside, outside)]

    assert found == [True, True, False]


def test_a_webhook_of_a_pattern_rests_on_the_clients_beside_it() -> None:
    pattern = Address.parse("webhook/ac*/orders")

    assert pattern.rests_on(Address.client("acme", "x"))
    assert not pattern.rests_on(Address.client("beta", "x"))
