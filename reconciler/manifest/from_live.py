"""Say what lives in Keycloak as manifests, and what of it no manifest can say, with the reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from reconciler.kinds.live_document import LiveDocument
from reconciler.kinds.registry import KINDS, kind_of
from reconciler.manifest.document import Document
from reconciler.manifest.load import desired_by
from reconciler.manifest.positions import Position, Spot, path_steps
from reconciler.manifest.read import Entry, read_manifest
from reconciler.manifest.rules import check
from reconciler.model.address import Address
from reconciler.model.expectations import NOTHING_EXPECTED, Expectations
from reconciler.model.manifest import DesiredState, IntegrationOrganization, Partner
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

    def wants(self, address: Address) -> bool:
        """Tell whether an organization is meant, or the realm; what is in no organization, only without patterns."""
        if not address.alias:
            return self.with_realm
        named = any(fnmatchcase(address.alias, pattern) for pattern in self.patterns)
        return not self.patterns or (named and address == address.home)


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


def from_live(snapshot: Snapshot, choice: Choice, now: datetime, expected: Expectations = NOTHING_EXPECTED) -> Imported:
    """Return the manifests that say what ``snapshot`` holds; no agreement can have been accepted after ``now``.

    What the platform decides, as ``expected`` says, is as it answers.
    """
    entries: list[Entry] = []
    reasons: dict[Address, list[str]] = {}
    for found in _documents(snapshot, choice, expected):
        if found.content is None:
            reasons[found.address] = list(found.why)
        else:
            entries.append(read_manifest(Document(str(found.address), found.content, _NOWHERE)))
    for problem in (*(problem for entry in entries for problem in entry.problems), *check(entries, now)):
        address, steps = Address.parse(problem.file), path_steps(problem.path)
        words = kind_of(address).words_of_live(address, problem, steps, snapshot)
        reasons.setdefault(address, []).append(words)
    left_out = (LeftOut(address, tuple(dict.fromkeys(why))) for address, why in reasons.items())
    return Imported(
        desired_by([entry for entry in entries if Address.parse(entry.document.file) not in reasons]),
        tuple(sorted(left_out, key=lambda each: each.address.sort_key)),
    )


def _documents(snapshot: Snapshot, choice: Choice, expected: Expectations) -> Iterator[LiveDocument]:
    """Yield each object that is meant, with the items that are declared in its manifest."""
    items = [kind for kind in KINDS.values() if kind.items]
    for kind in KINDS.values():
        for found in kind.live_documents(snapshot, choice.owner, expected, allow_takeover=choice.allow_takeover):
            if not choice.wants(found.address):
                continue
            below = [(each.items, *each.items_of(found.address.alias, snapshot)) for each in items]
            if found.content is not None:
                found.content["spec"] |= {name: said for name, said, _ in below if said}
            yield found
            yield from (LiveDocument(address, (why,)) for _, _, unsaid in below for address, why in unsaid)


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
