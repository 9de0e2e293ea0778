"""Findings about what organizations rely on: the realm's scaffolding, and who is a member."""

from collections.abc import Iterator

from reconciler.kinds.realm import representation as realm
from reconciler.kinds.realm.claim_override import forged_claim, overrides_claims
from reconciler.kinds.realm.prerequisites import DECLARE
from reconciler.kinds.realm.token_scopes import MAPPER, MAPPER_RULES, is_as_ruled
from reconciler.kinds.situation import Situation
from reconciler.model.address import Address
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.layout import DEFAULT_CLIENT_SCOPES, ORGANIZATION_SCOPE, ROLES_SCOPE

_FEW = 3


def scaffolding_findings(situation: Situation) -> Iterator[Finding]:
    """Yield what the realm lacks where no manifest declares it: then it belongs to somebody else."""
    live, address = situation.snapshot.realm, Address.realm(situation.realm)
    if situation.desired.realm is not None or live is None:
        return
    if situation.snapshot.is_disabled:
        detail = "The realm is disabled: no client gets a token, and nobody can log in."
        yield Finding(address, Code.REALM_DISABLED, Severity.ERROR, FieldStatus.DRIFTED, detail, DECLARE)
    fields = realm.observed_fields(live, ())
    if fields.get("keycloak.organizationsEnabled") is not True:
        detail = "Organizations are disabled in the realm: no organization can be read or written."
        yield Finding(address, Code.ORGANIZATIONS_OFF, Severity.ERROR, FieldStatus.DRIFTED, detail, DECLARE)
    mapper = fields.get(f"keycloak.clientScopes.{ORGANIZATION_SCOPE}.mappers.{MAPPER}")
    if live.scope is not None and mapper != MAPPER_RULES[ORGANIZATION_SCOPE][MAPPER]:
        detail = f"The mapper of the client scope '{ORGANIZATION_SCOPE}' is not the one that organizations need."
        yield Finding(address, Code.SCOPE_DIFFERS, Severity.ERROR, FieldStatus.DRIFTED, detail, DECLARE)


def claim_override_findings(situation: Situation) -> Iterator[Finding]:
    """Yield the mappers that forge claims in tokens of declared clients, but for those that a plan removes."""
    live, address = situation.snapshot.realm, Address.realm(situation.realm)
    if live is None:
        return
    ours = {ORGANIZATION_SCOPE: live.scope} if live.scope else {}
    removed = {*DEFAULT_CLIENT_SCOPES, ROLES_SCOPE} if situation.desired.realm else set()
    for name, scope in sorted({**live.builtin_scopes, **live.further_scopes, **ours}.items()):
        mappers = () if name in removed else scope.get("protocolMappers") or ()
        claim_overriding_mappers = [each for each in mappers if overrides_claims(name, each) and not is_as_ruled(each)]
        clients = _with_scope(name, situation) if claim_overriding_mappers else []
        for mapper in claim_overriding_mappers if clients else ():
            yield Finding(
                address,
                Code.SCOPE_FORGES_CLAIMS,
                Severity.ERROR,
                FieldStatus.DRIFTED,
                f"The mapper '{mapper['name']}' of the client scope '{name}' writes the claim "
                f"'{forged_claim(mapper)}' into the tokens of {', '.join(clients)}.",
                "Remove the mapper in Keycloak, or declare kind: Realm; and find out who added it.",
            )


def _with_scope(name: str, situation: Situation) -> list[str]:
    """Return the declared clients that have the client scope, by default or on request, shortened to a few."""
    declared, clients = sorted(client.client_id for _, client, _ in situation.clients()), situation.snapshot.clients
    live = {each: clients[each].representation for each in declared if each in clients}
    kinds = ("defaultClientScopes", "optionalClientScopes")
    found = [each for each, client in live.items() if any(name in (client.get(kind) or ()) for kind in kinds)]
    return [*found[:_FEW], f"{len(found) - _FEW} more"] if len(found) > _FEW else found
