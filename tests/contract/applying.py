"""What tests of the platform begin with: an organization with a client, applied to an empty realm."""

from typing import Any

from reconciler.app import workflow
from reconciler.model.manifest import IntegrationOrganization
from reconciler.plan.context import Context
from reconciler.ports import Systems
from tests.builders import OWNER, a_realm, desired
from tests.contract.conftest import Platform
from tests.fakes.runtime import FakeClock, MemoryJournal, SilentProgress

ID = "api-client-acme"


async def applied(platform: Platform, *organizations: IntegrationOrganization) -> dict[str, Any]:
    """Apply manifests to the empty realm, and return the client."""
    wanted = desired(*organizations, realm=a_realm(platform.realm))
    systems = Systems(platform.keycloak, None, FakeClock())
    plan = await workflow.plan(wanted, systems, Context(platform.realm, OWNER))
    result = await workflow.apply(plan, systems, MemoryJournal(), SilentProgress(), 4)
    assert result.is_complete
    client = await platform.keycloak.find_client(ID)
    assert client is not None
    return dict(client)
