"""Comparable values and their fingerprints."""

import pytest

from reconciler.model.value import Value, fingerprint, frozen, is_empty, plain, unordered


def test_a_fingerprint_does_not_depend_on_the_order_of_keys() -> None:
    assert fingerprint({"a": 1, "b": (1, 2)}) == fingerprint({"b": (1, 2), "a": 1})


def test_a_fingerprint_depends_on_the_order_of_a_list() -> None:
    assert fingerprint(("a", "b")) != fingerprint(("b", "a"))


@pytest.mark.parametrize("others", [(True, 1, "true"), (None, "", ()), ("1", 1), ({}, ())])
def test_values_of_different_types_have_different_fingerprints(others: tuple[Value, ...]) -> None:
    assert len({fingerprint(value) for value in others}) == len(others)


def test_a_fingerprint_is_stable_from_release_to_release() -> None:
    # Live objects carry it: another one would read as if everything had been changed in Keycloak.
    assert fingerprint("Ä") == "2cad39347815"
    assert fingerprint({"a": (True, None, 1)}) == "f208cf182ee1"


def test_json_is_frozen_and_thawed_without_loss() -> None:
    json = {"a": [1, {"b": [None, True, "x"]}], "c": {}}
    assert frozen(json) == {"a": (1, {"b": (None, True, "x")}), "c": {}}
    assert plain(frozen(json)) == json


def test_what_is_no_json_cannot_be_frozen() -> None:
    with pytest.raises(TypeError, match="not a JSON value"):
        frozen({"a": {1, 2}})


def test_unordered_values_are_sorted_and_each_there_once() -> None:
    assert unordered(["b", "a", "b"]) == ("a", "b")


@pytest.mark.parametrize(("value", "empty"), [(None, True), (False, True), ("", True), ((), True), ({}, True)])
def test_nothing_says_no_more_than_a_missing_value(value: Value, empty: bool) -> None:
    assert is_empty(value) is empty


@pytest.mark.parametrize("value", [0, True, "x", ("",), {"a": None}])
def test_zero_and_anything_with_content_says_something(value: Value) -> None:
    assert not is_empty(value)
