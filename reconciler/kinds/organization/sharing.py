"""Say of each organization that people share what is left alone in it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from reconciler.kinds.organization import fields as paths
from reconciler.kinds.organization import representation as organization
from reconciler.kinds.organization.members import people_in
from reconciler.kinds.organization.people import links_left
from reconciler.kinds.organization.rows import is_shared
from reconciler.kinds.situation import Situation
from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Change
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.manifest import IntegrationOrganization
from reconciler.model.observed import ReadFailure, Snapshot
from reconciler.model.value import Value

_FEW: Final = 3
_KINDS: Final = (
    (paths.INVITATIONS, "invitation"),
    (paths.IDENTITY_PROVIDERS, "identity provider"),
    (paths.DOMAINS, "domain"),
    (paths.GROUPS, "group"),
)
_REDIRECT: Final = "keycloak.redirectUrl"


def sharing_findings(situation: Situation) -> Iterator[Finding]:
    """Yield a note for each declared organization that people share: what is theirs is no drift, and stays."""
    for manifest in situation.desired.organizations:
        if is_shared(manifest, situation.expected) and (parts := tuple(_parts(manifest, situation.snapshot))):
            yield Finding(
                Address.organization(manifest.name),
                Code.SHARED_WITH_PEOPLE,
                Severity.INFO,
                FieldStatus.IN_SYNC,
                f"It is shared with people, who are left alone: {', '.join(parts)}.",
                "Set people: none in its manifest, or for the environment, to have them and their access removed.",
            )


def unseen_findings(situation: Situation, changes: Iterable[Change]) -> Iterator[Finding]:
    """Yield a note where the login is not shown whom organizations have invited that people share, or that are deleted.

    Of what the plan withdraws, a missing answer is a read failure instead.
    """
    shared = [each.name for each in situation.desired.organizations if is_shared(each, situation.expected)]
    deleted = [c.address.name for c in changes if c.action is Action.DELETE and c.address.kind is Kind.ORGANIZATION]
    for aliases, whose, what in (
        (shared, "that people share", "they are left alone"),
        (deleted, "to be deleted", "they end with the organization"),
    ):
        lives = (live for name in aliases if (live := situation.snapshot.organizations.get(name)) is not None)
        if names := tuple(live.alias for live in lives if isinstance(live.invitations, ReadFailure)):
            yield Finding(
                Address.realm(situation.realm),
                Code.INVITATIONS_NOT_SHOWN,
                Severity.INFO,
                FieldStatus.IN_SYNC,
                f"Invitations are not shown to this login: {', '.join(_counted('organization', names))} {whose}.",
                f"No action is needed: {what}. To see them, a login needs the role manage-organizations.",
            )


def _parts(manifest: IntegrationOrganization, snapshot: Snapshot) -> Iterator[str]:
    alias, live = manifest.name, snapshot.organizations.get(manifest.name)
    if live is None:
        return
    managed = snapshot.managed.get(alias, ())
    members = people_in(alias, snapshot)
    fields = {**organization.observed_fields(live), paths.IDENTITY_PROVIDERS: links_left(manifest, live)}
    yield from _counted("managed member", tuple(name for name in members if name in managed))
    yield from _counted("member", tuple(name for name in members if name not in managed))
    for path, noun in _KINDS:
        if path == paths.DOMAINS and manifest.spec.domains is not None:
            continue
        yield from _counted(noun, _names(fields.get(path)))
    if fields.get(_REDIRECT):
        yield "a redirect URL"


def _names(value: Value) -> tuple[str, ...]:
    items = value if isinstance(value, tuple) else ()
    return tuple(str(item["name"]) if isinstance(item, Mapping) else str(item) for item in items)


def _counted(noun: str, names: tuple[str, ...]) -> Iterator[str]:
    if names:
        shown = ", ".join(names[:_FEW]) + (", ..." if len(names) > _FEW else "")
        yield f"{len(names):,} {noun}{'' if len(names) == 1 else 's'} ({shown})"
