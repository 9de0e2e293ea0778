"""Say what lives in Keycloak as manifests, and what of it no manifest can say, with the reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from reconciler.kinds.registry import KINDS
from reconciler.manifest.document import Document
from reconciler.manifest.live_documents import organization_document, realm_document
from reconciler.manifest.live_obstacles import clients_of, homeless, obstacles, obstacles_of_realm, words_for
from reconciler.manifest.load import in_order
from reconciler.manifest.positions import Position, Spot
from reconciler.manifest.read import Entry, read_manifest
from reconciler.manifest.rules import check
from reconciler.model.address import Address
from reconciler.model.manifest import DesiredState, IntegrationOrganization, Partner, Realm
from reconciler.model.observed import Effective, EffectivePartner, Snapshot

Partners = Mapping[UUID, EffectivePartner]

_NOWHERE: Final = Spot(Position(0, 0))


@dataclass(frozen=True, slots=True)
class Choice:
    """What to import: organizations whose alias matches one of the glob ``patterns``, or all where there is none.

    What ``owner`` manages already is imported too; what another reconciler manages only with ``allow_takeover``.
    """

    owner: str
    patterns: tuple[str, ...] = ()
    allow_takeover: bool = False
    with_realm: bool = False

    def wants(self, alias: str) -> bool:
        """Tell whether the organization is meant."""
        return not self.patterns or any(fnmatchcase(alias, pattern) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Say what was not imported, and every reason."""

    address: Address
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What the live realm says as manifests, and what is left out, in the order of addresses."""

    desired: DesiredState
    left_out: tuple[LeftOut, ...] = ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Return what the manifests declare, in the order of creation; an organization stands for its clients."""
        own = (Address.realm(self.desired.realm.name),) if self.desired.realm else ()
        return (*own, *(Address.organization(each.name) for each in self.desired.organizations))


def from_live(snapshot: Snapshot, choice: Choice, now: datetime) -> Imported:
    """Return the manifests that say what ``snapshot`` holds; no agreement can have been accepted after ``now``."""
    entries: list[Entry] = []
    reasons: dict[Address, list[str]] = {}
    for address, why, content in _documents(snapshot, choice):
        if why:
            reasons[address] = list(why)
        elif content is not None:
            entries.append(read_manifest(Document(str(address), content, _NOWHERE)))
    for problem in (*(problem for entry in entries for problem in entry.problems), *check(entries, now)):
        reasons.setdefault(Address.parse(problem.file), []).append(words_for(problem, snapshot))
    left_out = (LeftOut(address, tuple(dict.fromkeys(why))) for address, why in reasons.items())
    return Imported(
        _desired([entry for entry in entries if Address.parse(entry.document.file) not in reasons]),
        tuple(sorted(left_out, key=lambda each: each.address.sort_key)),
    )


def _documents(snapshot: Snapshot, choice: Choice) -> Iterator[tuple[Address, Sequence[str], dict[str, Any] | None]]:
    """Yield each object that is meant, with what stands in its way, and its document where nothing does."""
    realm = snapshot.realm
    if realm is not None and choice.with_realm:
        why = tuple(obstacles_of_realm(realm, choice.owner, allow_takeover=choice.allow_takeover))
        yield Address.realm(str(realm.representation["realm"])), why, None if why else realm_document(realm)
    lifespan = None if realm is None else realm.representation.get("accessTokenLifespan")
    for alias, live in sorted(snapshot.organizations.items()):
        if choice.wants(alias):
            why = tuple(obstacles(live, snapshot, choice.owner, allow_takeover=choice.allow_takeover))
            clients = clients_of(alias, snapshot)
            found = {kind.items: kind.items_of(alias, snapshot) for kind in KINDS.values() if kind.items}
            items = {name: said for name, (said, _) in found.items() if said}
            content = None if why else organization_document(live, clients, lifespan, items)
            yield Address.organization(alias), why, content
            for address, reason in (each for _, unsaid in found.values() for each in unsaid):
                yield address, (reason,), None
    if not choice.patterns:
        for client_id, reason in homeless(snapshot):
            yield Address.client("-", client_id), (reason,), None


def _desired(entries: Sequence[Entry]) -> DesiredState:
    manifests = [entry.manifest for entry in entries]
    organizations = [in_order(each) for each in manifests if isinstance(each, IntegrationOrganization)]
    return DesiredState(
        realm=next((each for each in manifests if isinstance(each, Realm)), None),
        organizations=tuple(sorted(organizations, key=lambda each: each.name)),
    )


def partners_of(snapshot: Snapshot) -> Partners:
    """Return what the platform says of partners, by UUID."""
    answers = (answer for answer in snapshot.effective.values() if isinstance(answer, Effective))
    return {partner.uuid: partner for answer in answers for partner in answer.authorized_partners}


def named(desired: DesiredState, partners: Partners) -> DesiredState:
    """Return the manifests with the platform's name and country for every partner that it knows."""
    organizations = tuple(_named_organization(each, partners) for each in desired.organizations)
    return desired.model_copy(update={"organizations": organizations})


def _named_organization(manifest: IntegrationOrganization, partners: Partners) -> IntegrationOrganization:
    found = tuple(_named_partner(each, partners.get(each.uuid)) for each in manifest.spec.authorized_partners)
    return manifest.model_copy(update={"spec": manifest.spec.model_copy(update={"authorized_partners": found})})


def _named_partner(partner: Partner, known: EffectivePartner | None) -> Partner:
    """Add what a manifest may say; the rest of the platform's words is for reviewers only, and may be missing."""
    for key, value in (("name", known.name), ("country", known.country)) if known else ():
        try:
            partner = Partner.model_validate({**partner.model_dump(), key: value})
        except ValidationError:
            continue
    return partner
