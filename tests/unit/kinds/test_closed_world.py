"""Everything that a live object has counts, but for what the server owns."""

import pytest

from reconciler.kinds.closed_world import SERVER_OWNED, comparable, empty_like
from reconciler.model.value import Value


def test_what_nobody_named_is_compared() -> None:
    assert dict(comparable("client", {"brandNew": "x"})) == {"brandNew": "x"}


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind, keys in SERVER_OWNED.items() for key in keys])
def test_what_the_server_owns_is_not_compared_and_each_has_a_reason(kind: str, key: str) -> None:
    assert dict(comparable(kind, {key: "x"})) == {}
    assert SERVER_OWNED[kind][key]


def test_an_empty_value_says_no_more_than_a_missing_one() -> None:
    empty: dict[str, object] = {"a": None, "b": False, "c": "", "d": [], "e": {}}
    assert dict(comparable("client", empty)) == {}


def test_a_value_with_a_rule_is_compared_even_where_it_is_missing() -> None:
    assert dict(comparable("client", {}, rules={"publicClient": False, "notBefore": 0})) == {"publicClient": False}


def test_a_value_with_a_rule_is_compared_even_where_it_is_empty() -> None:
    assert dict(comparable("client", {"notBefore": 0}, rules={"notBefore": 0})) == {"notBefore": 0}


def test_addresses_are_compared_as_sets() -> None:
    assert dict(comparable("client", {"redirectUris": ["b", "a", "b"]})) == {"redirectUris": ("a", "b")}


def test_what_is_handled_elsewhere_is_passed_over() -> None:
    assert dict(comparable("client", {"enabled": True}, handled=frozenset({"enabled"}))) == {}


@pytest.mark.parametrize(
    ("value", "empty"),
    [(True, False), (7, 0), ("x", ""), (("x",), ()), ({"browser": "flow"}, {"browser": ""}), (None, None)],
)
def test_what_is_sent_so_that_keycloak_forgets_a_value_is_of_its_type(value: Value, empty: Value) -> None:
    assert empty_like(value) == empty
    assert type(empty_like(value)) is type(empty)
