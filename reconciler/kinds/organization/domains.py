"""What stands in the way of an organization's domains: a server that needs one, another organization that has it."""

from collections.abc import Callable, Collection, Iterator
from typing import Final

from reconciler.kinds.organization.fields import DECLARED_DOMAINS, DOMAINS
from reconciler.model.address import Address
from reconciler.model.errors import WrongServer, WrongUsage
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.model.value import Fields, names

_LOST: Final = "Keycloak before 26.4 takes no organization without a domain: keep or declare one (spec.domains)"


def check_server(desired: DesiredState, snapshot: Snapshot, means: Callable[[Address], bool]) -> None:
    """Refuse to plan what the server cannot do.

    Raises:
        WrongServer: Nothing at all would be in force.
        WrongUsage: Organizations that are meant have no domain, and need one.
    """
    if snapshot.limits.hides_organization:
        raise WrongServer(
            "This Keycloak is older than 26.3: its tokens name an organization only where its own client scope "
            "'organization' is asked for, so that the platform would refuse every call.",
            remedy="Run Keycloak 26.3 or later. See README, Releases of Keycloak.",
        )
    if not snapshot.limits.needs_domain:
        return
    named = (each.name for each in desired.organizations if means(Address.organization(each.name)))
    if without := sorted({*named} & {*_without_domain(desired, snapshot)}):
        raise WrongUsage(
            f"This Keycloak is older than 26.4, and takes no organization without a domain: {', '.join(without)}.",
            remedy="Declare its domains (spec: {domains: [acme.example]}), or run Keycloak 26.4 or later.",
        )


def _without_domain(desired: DesiredState, snapshot: Snapshot) -> Iterator[str]:
    for each in desired.organizations:
        if each.spec.domains == () or (each.spec.domains is None and each.name not in snapshot.organizations):
            yield each.name


def obstacle_of_domains(
    address: Address,
    before: Fields,
    after: Fields | None,
    snapshot: Snapshot,
    ignored: Collection[str] = (),
) -> str:
    """Return why Keycloak would not take the organization as declared; empty where it does."""
    if after is None:
        return ""
    if snapshot.limits.needs_domain and DOMAINS in before and DOMAINS not in ignored and DECLARED_DOMAINS not in after:
        return _LOST
    wanted = {*names(after.get(DECLARED_DOMAINS))} - {*names(before.get(DECLARED_DOMAINS))}
    for alias, live in sorted(snapshot.organizations.items()) if wanted else ():
        held = {str(each["name"]) for each in live.representation.get("domains") or ()}
        if alias != address.name and (taken := sorted(wanted & held)):
            return f"the domain '{taken[0]}' belongs to organization/{alias}: take it from there first"
    return ""
