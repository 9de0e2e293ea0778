"""Everything that a live object has counts, but for what the server owns."""

import pytest

from reconciler.kinds.client.fields import FIELDS, KEYCLOAK
from reconciler.kinds.closed_world import comparable, empty_like
from reconciler.kinds.field import Field, FieldTable
from reconciler.kinds.registry import KINDS
from reconciler.model.value import Value

EXEMPT = [(kind.fields, path) for kind in KINDS.values() for path in kind.fields.exempt]
NONE = FieldTable()
RULED = FieldTable(Field("keycloak.publicClient", rule=False), Field("keycloak.notBefore", rule=0))


def test_what_nobody_named_is_compared() -> None:
    assert dict(comparable(NONE, KEYCLOAK, {"brandNew": "x"})) == {"keycloak.brandNew": "x"}


@pytest.mark.parametrize(("table", "path"), EXEMPT, ids=[path for _, path in EXEMPT])
def test_what_the_server_owns_is_not_compared_and_each_has_a_reason(table: FieldTable, path: str) -> None:
    (end, *_) = (end for end in ("keycloak.attributes.", "keycloak.", "serviceAccount.") if path.startswith(end))
    found = dict(comparable(table, end, {path.removeprefix(end): "x", "brandNew": "x"}))
    assert found[f"{end}brandNew"] == "x"
    assert path not in found
    assert table.exempt[path]


def test_an_empty_value_says_no_more_than_a_missing_one() -> None:
    empty: dict[str, object] = {"a": None, "b": False, "c": "", "d": [], "e": {}}
    assert dict(comparable(NONE, KEYCLOAK, empty)) == {}


def test_a_value_with_a_rule_is_compared_even_where_it_is_missing() -> None:
    assert dict(comparable(RULED, KEYCLOAK, {})) == {"keycloak.publicClient": False}


def test_a_value_with_a_rule_is_compared_even_where_it_is_empty() -> None:
    assert dict(comparable(RULED, KEYCLOAK, {"notBefore": 0}))["keycloak.notBefore"] == 0


def test_addresses_are_compared_as_sets() -> None:
    found = dict(comparable(FIELDS, KEYCLOAK, {"redirectUris": ["b", "a", "b"]}))
    assert found["keycloak.redirectUris"] == ("a", "b")


def test_what_is_handled_elsewhere_is_passed_over() -> None:
    assert dict(comparable(NONE, KEYCLOAK, {"enabled": True}, handled=frozenset({"enabled"}))) == {}


@pytest.mark.parametrize(
    ("value", "empty"),
    [(True, False), (7, 0), ("x", ""), (("x",), ()), ({"browser": "flow"}, {"browser": ""}), (None, None)],
)
def test_what_is_sent_so_that_keycloak_forgets_a_value_is_of_its_type(value: Value, empty: Value) -> None:
    assert empty_like(value) == empty
    assert type(empty_like(value)) is type(empty)
