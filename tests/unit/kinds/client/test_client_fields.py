"""How a client compares."""

from typing import Any

import pytest

from reconciler.kinds.client import representation as client
from reconciler.kinds.client.fields import ORGANIZATIONS
from reconciler.model.observed import ClientObservation, ReadFailure
from reconciler.model.value import Unknown
from tests.builders import a_client

DESIRED = client.desired_fields("acme", a_client(), "us", protected=False)


def an_observation(**changes: Any) -> ClientObservation:
    representation = {"id": "1", "clientId": "api-client-acme", "enabled": True, "attributes": {}, **changes}
    return ClientObservation("1", "api-client-acme", representation, None, ())


def test_nothing_is_desired_without_a_value() -> None:
    assert None not in DESIRED.values()


def test_a_lifespan_is_a_number_even_though_keycloak_keeps_a_text() -> None:
    observed = client.observed_fields(an_observation(attributes={"access.token.lifespan": "600"}))
    assert observed["accessTokenLifespan"] == 600


def test_a_lifespan_that_is_no_number_is_compared_as_it_is() -> None:
    observed = client.observed_fields(an_observation(attributes={"access.token.lifespan": "for ever"}))
    assert observed["accessTokenLifespan"] == "for ever"


@pytest.mark.parametrize("user", [None, ReadFailure("service account", "403")])
def test_a_service_account_that_cannot_be_read_is_unknown_not_missing(user: ReadFailure | None) -> None:
    failure = ReadFailure("organizations", "403")
    observed = client.observed_fields(ClientObservation("1", "x", {"clientId": "x"}, user, failure))
    assert observed[ORGANIZATIONS] == Unknown("403")
    assert observed["serviceAccount.enabled"] == (Unknown("403") if user else True)


def test_marks_are_read_from_the_attributes() -> None:
    attributes = {"reconciler/owner": "us", "reconciler/applied": "a=1 b=2"}
    marks = client.observed_marks(an_observation(attributes=attributes))
    assert (marks.owner, dict(marks.applied)) == ("us", {"a": "1", "b": "2"})


def test_what_keycloak_holds_to_be_the_default_and_leaves_out_is_as_the_rules_say() -> None:
    bare = client.observed_fields(ClientObservation("", "x", {"clientId": "x"}, None, ()))
    for attribute in ("realm_client", "backchannel.logout.revoke.offline.tokens"):
        assert bare[f"keycloak.attributes.{attribute}"] == "false"
