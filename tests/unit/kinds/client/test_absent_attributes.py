"""An attribute that says what its absence says is no difference; any other value of it is one."""

import pytest

from reconciler.kinds.client import representation as client
from reconciler.kinds.client.absent_attributes import IN_ABSENCE
from reconciler.kinds.client.fields import ATTRIBUTE, FIELDS
from reconciler.model.layout import ROTATION_MARK
from reconciler.model.observed import ClientObservation
from reconciler.model.value import Fields

ATTRIBUTES = sorted(IN_ABSENCE)


def compared(attributes: dict[str, str]) -> Fields:
    """Return the fields of a client's attributes, but for those that every client has."""
    observed = client.observed_fields(ClientObservation("", "x", {"clientId": "x", "attributes": attributes}, None, ()))
    bare = client.observed_fields(ClientObservation("", "x", {"clientId": "x", "attributes": {}}, None, ()))
    return {path: value for path, value in observed.items() if path not in bare}  # type: ignore[misc]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_what_the_server_takes_in_absence_is_no_difference(attribute: str) -> None:
    assert compared({attribute: IN_ABSENCE[attribute].value}) == {}


@pytest.mark.parametrize("attribute", ATTRIBUTES)
@pytest.mark.parametrize("other", ["true", "false", "+ https://evil.example", "something else"])
def test_any_other_value_is_a_difference(attribute: str, other: str) -> None:
    if other != IN_ABSENCE[attribute].value:
        assert compared({attribute: other}).keys() == {ATTRIBUTE + attribute}


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_a_request_that_says_what_absence_says_has_set_what_is_there_without_it(attribute: str) -> None:
    sent = {"attributes": {attribute: IN_ABSENCE[attribute].value}}
    assert client.value_sent(ATTRIBUTE + attribute, sent) is None


def test_the_same_value_of_another_attribute_says_something() -> None:
    assert compared({"saml.force.post.binding": "false"}) == {f"{ATTRIBUTE}saml.force.post.binding": "false"}


def test_the_table_has_nothing_that_we_write_ourselves_and_nothing_that_is_not_compared_anyway() -> None:
    named = {path.removeprefix(ATTRIBUTE) for path in FIELDS.rules} | {*FIELDS.attributes.values()}
    written = {*named, ROTATION_MARK}
    assert not written & IN_ABSENCE.keys()
    assert not {path.removeprefix(ATTRIBUTE) for path in FIELDS.exempt} & IN_ABSENCE.keys()


def test_each_has_its_source() -> None:
    assert all(absence.source for absence in IN_ABSENCE.values())
