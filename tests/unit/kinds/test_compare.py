"""Which fields differ, and where inside a field."""

from reconciler.kinds.compare import differences, differing, known, unknowns
from reconciler.model.value import Unknown, Value


def test_a_missing_path_is_worth_nothing() -> None:
    assert differing({"a": 1, "b": None}, {"a": 1}) == ()


def test_paths_that_differ_are_sorted() -> None:
    assert differing({"c": 1, "b": 1, "a": 1}, {"c": 2, "b": 1, "d": 1}) == ("a", "c", "d")


def test_what_could_not_be_observed_is_told_apart() -> None:
    before: dict[str, Value | Unknown] = {"a": 1, "b": Unknown("403")}
    assert known(before) == {"a": 1}
    assert unknowns(before) == {"b": "403"}


def test_inside_an_object_only_what_differs_is_named() -> None:
    before: Value = {"kept": 1, "config": {"a": "1", "b": "2", "gone": "3"}}
    after: Value = {"kept": 1, "config": {"a": "1", "b": "4", "new": "5"}}
    assert list(differences("mapper", before, after)) == [
        ("mapper.config.b", "2", "4"),
        ("mapper.config.gone", "3", None),
        ("mapper.config.new", None, "5"),
    ]


def test_a_list_is_one_value() -> None:
    assert list(differences("x", {"l": ("a", "b")}, {"l": ("a", "c")})) == [("x.l", ("a", "b"), ("a", "c"))]


def test_an_object_on_one_side_only_is_one_value() -> None:
    assert list(differences("x", {"a": {"b": 1}}, None)) == [("x", {"a": {"b": 1}}, None)]


def test_a_value_that_changed_its_type_is_one_value() -> None:
    assert list(differences("x", {"a": {"b": 1}}, {"a": "b"})) == [("x.a", {"b": 1}, "b")]
