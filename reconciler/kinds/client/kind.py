"""The client, as a kind of resource."""

from collections.abc import Collection, Iterator, Mapping

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.client import representation, steps
from reconciler.kinds.client.consequences import consequences, hazards
from reconciler.kinds.client.fields import ACTIONS, FIELDS, ORGANIZATIONS, ROLES, SCOPE_MAPPINGS, SERVICE_ACCOUNTS
from reconciler.kinds.client.interference import interferences_with, overridden, policy_findings, with_policies
from reconciler.kinds.client.losses import beside, of_client
from reconciler.kinds.client.member_findings import impostor_findings, membership_findings
from reconciler.kinds.client.rows import client_rows, with_scopes
from reconciler.kinds.client.secret_findings import secret_findings, with_secret_ends
from reconciler.kinds.client.writer import ClientWriter
from reconciler.kinds.declared import Declared
from reconciler.kinds.effective import effective_findings, effects_of_saved, mock_findings
from reconciler.kinds.live_document import LiveDocument
from reconciler.kinds.organization.live_obstacles import homeless
from reconciler.kinds.realm.token_scopes import scope_ids
from reconciler.kinds.row import Row
from reconciler.kinds.situation import Situation
from reconciler.kinds.unique import Unique
from reconciler.model.address import Address, Kind, sorted_addresses
from reconciler.model.attribution import EventSubject
from reconciler.model.change import Change, Verb
from reconciler.model.checkpoint import Checkpoint
from reconciler.model.expectations import Expectations
from reconciler.model.finding import Finding
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK, service_account_of
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import ReadFailure, Snapshot
from reconciler.model.plan import Plan
from reconciler.model.touch import Thing
from reconciler.model.value import Fields, ObservedFields, Value, names


class ClientKind(ResourceKind):
    """A confidential client of an organization, with its service account."""

    kind = Kind.CLIENT
    document = "IntegrationOrganization"
    items = "clients"
    name_field = "clientId"
    fields = FIELDS
    uniques = (
        Unique(
            ("spec", "clients", "*", "clientId"),
            "The client {value} belongs to {whose} already, at {place}.",
            "A client belongs to exactly one organization, once.",
        ),
        Unique(
            ("spec", "clients", "*", "previousClientIds", "*"),
            "{value} is a previous id of a client already, at {place}.",
            "A previous id can belong to one client only: remove one.",
        ),
    )
    thing = Thing.CLIENT
    name_sent = "clientId"
    logs_in = True
    moves = True
    action_risks = ACTIONS
    writer = ClientWriter

    creation = staticmethod(steps.creation)
    update = staticmethod(steps.update)
    deletion = staticmethod(steps.deletion)
    consequences = staticmethod(consequences)
    hazards = staticmethod(hazards)
    loss = staticmethod(of_client)
    loss_beside = staticmethod(beside)
    sent = staticmethod(representation.value_sent)

    def declared(self, desired: DesiredState, realm: str, owner: str) -> Iterator[Declared]:
        for each in desired.organizations:
            for one in each.spec.clients:
                said = representation.desired_fields(each.name, one, owner, protected=each.lifecycle.prevent_destroy)
                former = tuple(Address.client(each.name, name) for name in one.previous_client_ids)
                yield Declared(Address.client(each.name, one.client_id), said, each.metadata.labels, former)

    def live_documents(
        self, snapshot: Snapshot, owner: str, expected: Expectations, *, allow_takeover: bool
    ) -> Iterator[LiveDocument]:
        for client_id, reason in homeless(snapshot):
            yield LiveDocument(Address.client("-", client_id), (reason,))

    def ruled_fields(self, address: Address, said: Fields) -> Fields:
        return representation.ruled_fields(address.names[0], said)

    def as_ruled(self, said: Fields, after: Fields) -> Fields:
        roles = after.get(SCOPE_MAPPINGS)
        others = {path: value for path, value in said.items() if path != ROLES}
        return others if roles is None else {**others, ROLES: roles}

    def rows(self, situation: Situation, pending: Collection[Address]) -> Iterator[Row]:
        return client_rows(situation)

    def judged(self, row: Row, situation: Situation) -> Row:
        desired, snapshot = situation.desired, situation.snapshot
        return with_scopes(with_policies(with_secret_ends(row, desired, snapshot), snapshot), desired, snapshot)

    def findings(self, situation: Situation, changes: Collection[Change]) -> Iterator[Finding]:
        clients = (address for _, _, address in situation.clients())
        meant = sorted_addresses(filter(situation.means, clients))
        yield from membership_findings(situation)
        yield from impostor_findings(situation)
        yield from secret_findings(situation)
        yield from policy_findings(situation, meant, changes)
        yield from mock_findings(situation)
        yield from effective_findings(situation, changes)

    def findings_of_saved(
        self, saved: Plan, written: Collection[Address], situation: Situation, changes: Collection[Change]
    ) -> Iterator[Finding]:
        wanted = {change.address: change.after for change in saved.changes}
        staying = (change.address for change in saved.changes if change.after is not None)
        clients = sorted(
            (address for address in (*staying, *saved.unchanged) if address.kind is self.kind),
            key=lambda address: address.sort_key,
        )
        pending = {change.address for change in changes}
        yield from effects_of_saved(wanted, clients, situation, pending)
        yield from mock_findings(situation)
        yield from policy_findings(situation, written, changes)

    def set_again(self, address: Address, live: ObservedFields, snapshot: Snapshot) -> frozenset[str]:
        return overridden(interferences_with(snapshot, address.name), live)

    def soft_deleted(
        self, address: Address, before: Fields, at: str, taken: frozenset[str] = frozenset()
    ) -> Fields | None:
        return representation.soft_deleted_fields(before, at)

    def entry_to_drop(self, address: Address, path: str) -> str:
        return f"clients[{address.name}].{path}"

    def is_meant(self, address: Address, client_id: str | None) -> bool:
        return client_id in {None, "*", address.name}

    def unique_name(self, fields_: Fields, name: str) -> str | None:
        return service_account_of(name).lower() if fields_.get(SERVICE_ACCOUNTS) is not False else None

    def holders(self, snapshot: Snapshot) -> Iterator[tuple[str, str, str | None]]:
        for client_id in sorted(snapshot.namesakes):
            yield service_account_of(client_id).lower(), client_id, None
        for client_id, live in snapshot.clients.items():
            if live.representation.get("serviceAccountsEnabled"):
                yield service_account_of(client_id).lower(), client_id, representation.observed_marks(live).owner

    def taken(self, address: Address, name: str, holder: str, whose: str) -> str:
        other = "" if holder == address.name else "; names of service accounts ignore case"
        return f"the id '{address.name}' is taken by the client '{holder}', which {whose}{other}"

    def usurped(self, name: str, snapshot: Snapshot) -> str:
        users = snapshot.impostors
        is_usurped = not isinstance(users, ReadFailure) and name in users
        return f"the user '{name}' has the name that its service account needs" if is_usurped else ""

    def exchanged(self, circle: Collection[Address]) -> str:
        names = " and ".join(address.name for address in circle)
        return f"{names} swap their ids: one of them would have none while the other takes it"

    def leaves_after(self, change: Change, changes: Mapping[Address, Change], leaving: set[Address]) -> list[Address]:
        # A webhook is written with the token of a client.
        home = change.address.home
        return [each for each in leaving if each.kind is Kind.WEBHOOK and home.contains(each)]

    def organizations(self, change: Change) -> frozenset[str]:
        sides = (change.before or {}, change.after or {})
        return super().organizations(change).union(*(names(side.get(ORGANIZATIONS)) for side in sides))

    def refers_to(self, change: Change) -> Iterator[Address]:
        for step in change.steps:
            if step.verb in {Verb.JOIN_ORGANIZATION, Verb.LEAVE_ORGANIZATION}:
                yield Address.organization(str(step.body["organization"]))

    def subject(self, address: Address, snapshot: Snapshot, checkpoint: Checkpoint | None) -> EventSubject:
        username = service_account_of(address.name).lower()
        client = snapshot.clients.get(address.name)
        if client is None:
            kept = {} if checkpoint is None else checkpoint.clients
            uuid = next((uuid for uuid, each in kept.items() if each.client_id == address.name), "")
            return EventSubject(id=uuid, username=username)
        user = client.service_account
        homes = () if isinstance(client.organizations, ReadFailure) else client.organizations
        user_id = str(user["id"]) if user is not None and not isinstance(user, ReadFailure) else ""
        ids = [snapshot.organizations[a].id for a in (*homes, address.names[0]) if a in snapshot.organizations]
        joined = {} if checkpoint is None else checkpoint.members
        ids += [key for key, members in joined.items() if any(member.id == user_id for member in members)]
        return EventSubject(client.id, user_id, username, tuple(dict.fromkeys(ids)), scope_ids(snapshot.realm))

    def carries_mark(
        self, address: Address, owner: str, attributes: Mapping[str, Value], *, is_update: bool
    ) -> bool | None:
        # An attribute that a client's update leaves out stays.
        if is_update:
            attributes = {OWNER_MARK: owner, **attributes}
            if APPLIED_MARK not in attributes:
                return False if attributes[OWNER_MARK] != owner else None
        return super().carries_mark(address, owner, attributes, is_update=is_update)
