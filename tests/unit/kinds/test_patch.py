"""Merge patches, RFC 7396."""

import pytest

from reconciler.kinds.patch import merged, nested
from reconciler.model.value import Value


@pytest.mark.parametrize(
    ("patch", "result"),
    [
        ({}, {"a": 1, "b": {"c": [1], "d": 2}}),
        ({"a": 2}, {"a": 2, "b": {"c": [1], "d": 2}}),
        ({"a": None}, {"b": {"c": [1], "d": 2}}),
        ({"b": {"c": None}}, {"a": 1, "b": {"d": 2}}),
        ({"b": {"c": (3,)}}, {"a": 1, "b": {"c": [3], "d": 2}}),
        ({"a": {"x": None, "y": 1}}, {"a": {"y": 1}, "b": {"c": [1], "d": 2}}),
        ({"new": {"x": {"y": 1}}}, {"a": 1, "b": {"c": [1], "d": 2}, "new": {"x": {"y": 1}}}),
    ],
)
def test_objects_merge_nothing_removes_and_all_else_replaces(
    patch: dict[str, Value], result: dict[str, object]
) -> None:
    assert merged({"a": 1, "b": {"c": [1], "d": 2}}, patch) == result


def test_what_is_patched_stays_as_it_was() -> None:
    whole = {"a": {"b": 1}}
    merged(whole, {"a": {"b": 2}})
    assert whole == {"a": {"b": 1}}


def test_paths_of_keys_become_a_patch() -> None:
    assert nested({("a",): 1, ("b", "c"): 2, ("b", "d.e"): None}) == {"a": 1, "b": {"c": 2, "d.e": None}}
