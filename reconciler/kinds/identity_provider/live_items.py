"""Say the links of an organization that a manifest declared as items of its manifest; the others stay people's."""

from typing import Any

from pydantic import ValidationError

from reconciler.kinds.identity_provider.representation import linked_by_us
from reconciler.model.address import Address
from reconciler.model.identity_provider import IdentityProvider
from reconciler.model.observed import Snapshot


def providers_of(alias: str, snapshot: Snapshot) -> tuple[list[dict[str, Any]], list[tuple[Address, str]]]:
    """Return the items of ``spec.identityProviders``, and the links that no manifest can say, each with the reason."""
    live = snapshot.organizations.get(alias)
    items: list[dict[str, Any]] = []
    left_out: list[tuple[Address, str]] = []
    for name in sorted(linked_by_us(live.representation)) if live else ():
        provider = snapshot.identity_providers.get(name)
        if live is None or provider is None or provider.organization_id != live.id:
            continue
        domain = {"domain": provider.domain} if provider.domain else {}
        said = {"alias": name, **domain, **({"redirectWhenEmailMatches": True} if provider.redirects else {})}
        try:
            IdentityProvider.model_validate(said)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            left_out.append((Address.identity_provider(alias, name), str(first["msg"])))
        else:
            items.append(said)
    return items, left_out
