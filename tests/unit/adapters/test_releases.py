"""What releases of Keycloak do differently, each as it was measured: how it is told, and asked for once."""

import asyncio
import json
from typing import Any

import pytest

from reconciler.adapters.admin.old_releases import limits_of
from reconciler.model.errors import WrongServer
from reconciler.model.server import NO_LIMITS, ServerLimits
from tests.unit.adapters.serving import Reply, Script
from tests.unit.adapters.test_keycloak import asking, replying

pytestmark = pytest.mark.anyio

BRIEF: dict[str, Any] = {"id": "1", "alias": "acme"}
WHOLE: dict[str, Any] = {**BRIEF, "attributes": {}}
NOT_FOUND = Reply(404, json.dumps({"error": "HTTP 404 Not Found"}))


@pytest.mark.parametrize(
    ("features", "limits"),
    [
        (("ORGANIZATION",), ServerLimits(needs_domain=True, hides_organization=True)),
        (("ORGANIZATION", "ROLLING_UPDATES_V2"), ServerLimits(needs_domain=True)),
        (("ORGANIZATION", "ROLLING_UPDATES_V2", "SPIFFE"), NO_LIMITS),
        (("ORGANIZATION", "WORKFLOWS"), NO_LIMITS),
        ((), NO_LIMITS),
    ],
)
def test_an_old_release_is_told_by_the_features_that_it_does_not_know(
    features: tuple[str, ...], limits: ServerLimits
) -> None:
    assert limits_of({"features": [{"name": name, "enabled": False} for name in features]}) == limits


async def test_organizations_are_listed_whole_however_a_release_takes_the_parameter() -> None:
    script = replying([BRIEF], [BRIEF], [WHOLE], [WHOLE], [WHOLE])
    async with asking(script) as api:
        assert await api.organizations() == (WHOLE,)
        assert await api.organizations() == (WHOLE,)
    asked = ["briefRepresentation=true" in seen.path for seen in script.seen]
    assert asked == sorted(asked), "what was found out holds for the rest of the run"


async def test_a_list_without_attributes_is_never_taken_for_organizations_without_facts() -> None:
    async with asking(replying(*[[BRIEF]] * 4)) as api:
        with pytest.raises(WrongServer, match="without their attributes"):
            await api.organizations()


async def test_a_list_that_a_release_does_not_have_is_asked_for_once() -> None:
    script = Script(NOT_FOUND, Reply(200, json.dumps(WHOLE)))
    async with asking(script) as api:
        assert await asyncio.gather(*(api.organization_groups(str(number)) for number in range(20))) == [()] * 20
    assert [seen.path.partition("?")[0].rpartition("/")[2] for seen in script.seen] == ["groups", "0"]


async def test_an_organization_that_is_gone_does_not_end_the_questions_for_others() -> None:
    script = Script(NOT_FOUND, NOT_FOUND, Reply(200, json.dumps([{"id": "g"}])))
    async with asking(script) as api:
        assert await api.organization_groups("gone") == ()
        assert await api.organization_groups("2") == ({"id": "g"},)
