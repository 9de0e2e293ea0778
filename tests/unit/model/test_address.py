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
        ("", "not a kind"),
        ("partner/x", "not a kind of resource; the kinds are realm, organization, client"),
        ("organization", "looks like organization/NAME"),
        ("organization/", "looks like organization/NAME"),
        ("client/acme", "looks like client/NAME/NAME"),
        ("client//x", "looks like client/NAME/NAME"),
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
