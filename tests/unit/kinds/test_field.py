"""The table of fields: what a row leaves open, and that tables say of fields what their paths say."""

import pytest

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.field import Field, FieldTable, attribute
from reconciler.kinds.loss import ATTRIBUTE, CALLS, SETTING
from reconciler.kinds.marks import is_mark, is_rule
from reconciler.kinds.registry import KINDS
from reconciler.kinds.risk_rules import always, low
from reconciler.model.field_class import FieldClass

RULE = always(low("changed", "It changed."))
TABLE = FieldTable(
    Field("keycloak.", about=FieldClass.SETTINGS),
    Field("keycloak.flag", rule=False, risk=RULE),
    Field("keycloak.attributes.", loss=ATTRIBUTE),
    Field("keycloak.attributes.x.", loss=CALLS),
    Field("keycloak.attributes.x.y", rule="1", about=FieldClass.ROLES),
    Field("tier", is_said=True, place=attribute("t"), may_be_dropped=True),
)


@pytest.mark.parametrize(
    ("path", "about", "loss", "risk"),
    [
        ("keycloak.flag", FieldClass.SETTINGS, SETTING, RULE),
        ("keycloak.flag.inner", FieldClass.SETTINGS, SETTING, None),
        ("keycloak.attributes.z", FieldClass.SETTINGS, ATTRIBUTE, None),
        ("keycloak.attributes.x", FieldClass.SETTINGS, ATTRIBUTE, None),
        ("keycloak.attributes.x.y", FieldClass.ROLES, CALLS, None),
        ("tier", FieldClass.IDENTITY, SETTING, None),
        ("unheard of", FieldClass.IDENTITY, SETTING, None),
    ],
)
def test_what_a_row_leaves_open_is_what_the_next_shorter_beginning_says(
    path: str, about: FieldClass, loss: object, risk: object
) -> None:
    assert (TABLE.about(path), TABLE.loss(path), TABLE.risk(path)) == (about, loss, risk)


def test_the_collections_of_a_table_follow_from_its_rows() -> None:
    assert TABLE.said == {"tier"}
    assert TABLE.attributes == {"tier": "t"}
    assert TABLE.rules == {"keycloak.flag": False, "keycloak.attributes.x.y": "1"}
    assert TABLE.droppable == ("keycloak.attributes.", "keycloak.attributes.x.", "tier")


@pytest.mark.parametrize("kind", KINDS.values(), ids=map(str, KINDS))
def test_what_a_manifest_says_is_called_otherwise_than_what_follows_from_rules(kind: ResourceKind) -> None:
    assert not [path for path in kind.fields.said if is_rule(path) or is_mark(path)]
    assert all(is_rule(path) for path in kind.fields.rules)


@pytest.mark.parametrize("kind", KINDS.values(), ids=map(str, KINDS))
def test_no_field_has_two_rows(kind: ResourceKind) -> None:
    paths = [row.path for row in kind.fields.rows]
    assert len(paths) == len(set(paths))
