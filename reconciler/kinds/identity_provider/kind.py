"""The link of an identity provider to an organization, as a kind of resource."""

from collections.abc import Iterator

from reconciler.kinds.declared import Declared
from reconciler.kinds.identity_provider import representation
from reconciler.kinds.identity_provider.consequences import consequences
from reconciler.kinds.identity_provider.fields import ACTIONS, FIELDS
from reconciler.kinds.identity_provider.live_items import providers_of
from reconciler.kinds.identity_provider.representation import MARKS
from reconciler.kinds.identity_provider.rows import ITEMS, link_rows
from reconciler.kinds.identity_provider.writer import LinkWriter
from reconciler.kinds.item import ItemKind
from reconciler.kinds.marks import parse
from reconciler.kinds.unique import Unique
from reconciler.model.address import Address, Kind
from reconciler.model.change import Change
from reconciler.model.layout import SOFT_DELETED_MARK
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.model.value import Fields


class IdentityProviderKind(ItemKind):
    """An identity provider by which people join an organization: of the two, only the link is managed."""

    kind = Kind.IDENTITY_PROVIDER
    items = ITEMS
    name_field = "alias"
    fields = FIELDS
    uniques = (
        Unique(
            ("spec", "identityProviders", "*", "alias"),
            "The identity provider {value} is linked to {whose} already, at {place}.",
            "Keycloak links one to a single organization: remove one.",
        ),
    )
    item_marks = MARKS
    action_risks = ACTIONS
    writer = LinkWriter

    items_of = staticmethod(providers_of)
    rows = staticmethod(link_rows)
    creation = staticmethod(representation.creation)
    update = staticmethod(representation.update)
    deletion = staticmethod(representation.deletion)
    consequences = staticmethod(consequences)

    def declared(self, desired: DesiredState, realm: str, owner: str) -> Iterator[Declared]:
        for each in desired.organizations:
            for provider in each.spec.identity_providers:
                said = representation.desired_fields(each.name, provider, owner)
                yield Declared(Address.identity_provider(each.name, provider.alias), said, each.metadata.labels)

    def soft_deleted(
        self, address: Address, before: Fields, at: str, taken: frozenset[str] = frozenset()
    ) -> Fields | None:
        # It goes softly only with its organization, which is suspended: of such a one, Keycloak disables the providers.
        moment = before.get(SOFT_DELETED_MARK) or at
        return {**before, SOFT_DELETED_MARK: moment} if representation.is_linked(before) else None

    def unique_name(self, fields_: Fields, name: str) -> str | None:
        return name if representation.is_linked(fields_) else None

    def holder(self, change: Change) -> str:
        return change.address.alias

    def holders(self, snapshot: Snapshot) -> Iterator[tuple[str, str, str | None]]:
        found = {live.id: live for live in snapshot.organizations.values()}
        for name, provider in snapshot.identity_providers.items():
            if (live := found.get(provider.organization_id)) is not None:
                mark = representation.marks_on(live.representation).get(name)
                link = representation.observation(provider, live.representation, mark)
                marks = parse(link.owner, link.applied, Address.identity_provider(live.alias, name))
                yield name, live.alias, marks.owner if marks.proves_owner else None
            elif provider.organization_id:
                yield name, "an organization that this login is not shown", None

    def taken(self, address: Address, name: str, holder: str, whose: str) -> str:
        return f"the identity provider '{name}' is linked to '{holder}' already, by a link that {whose}"

    def has_id(self, change: Change) -> bool:
        return False
