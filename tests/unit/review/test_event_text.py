"""What happened reads as English, of one item and of several."""

import pytest

from reconciler.kinds.registry import KINDS
from reconciler.model.address import Kind
from reconciler.model.change import FieldChange, Reason
from reconciler.review.event_text import event_text


@pytest.mark.parametrize(
    ("kind", "path", "one", "several"),
    [
        (Kind.CLIENT, "keycloak.redirectUris", "redirect URI a was added", "redirect URIs a, b were added"),
        (Kind.ORGANIZATION, "authorizedPartners", "partner a was added", "partners a, b were added"),
        (Kind.ORGANIZATION, "keycloak.members", "member a was added", "members a, b were added"),
        (
            Kind.CLIENT,
            "keycloak.scopeMappings",
            "scope mapping of the role a was added",
            "scope mappings of the roles a, b were added",
        ),
        (Kind.REALM, "keycloak.odd.list", "keycloak.odd.list a was added", "keycloak.odd.list a, b were added"),
    ],
)
def test_a_noun_agrees_with_its_number(kind: Kind, path: str, one: str, several: str) -> None:
    for names, expected in ((("a",), one), (("a", "b"), several)):
        field = FieldChange(path, names, (), Reason.KEYCLOAK_CHANGED)
        assert event_text(KINDS[kind], field, names, ()) == expected
