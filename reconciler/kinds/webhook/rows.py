"""The rows of webhooks: which endpoint of the platform is which of a manifest, and which of them are ours."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from reconciler.kinds import marks
from reconciler.kinds.item_marks import Mark
from reconciler.kinds.organization import representation as organization
from reconciler.kinds.row import Row, ignored_of_items
from reconciler.kinds.situation import Situation
from reconciler.kinds.webhook import representation as webhook
from reconciler.kinds.webhook.fields import FIELDS
from reconciler.model.address import Address
from reconciler.model.manifest import IntegrationOrganization
from reconciler.model.observed import Endpoint, OrganizationObservation, ReadFailure, Snapshot
from reconciler.model.webhook import Webhook

_NO_SENDER = "no client of the organization stays that could write it; do so before the last one leaves"


def webhook_rows(situation: Situation, pending: Collection[Address]) -> Iterator[Row]:
    """Yield a row for every webhook that is declared or live, by organization and name.

    Where the endpoints could not be read, there is a row only for what is new and may be possible once the ``pending``
    changes of its organization and clients are made. A suspended organization cannot ask for anything: no rows.
    """
    snapshot = situation.snapshot
    declared = {manifest.name: manifest for manifest in situation.desired.organizations}
    leavers = _Leavers(declared, snapshot)
    for alias in sorted(declared.keys() | snapshot.webhooks.keys()):
        manifest, live = declared.get(alias), snapshot.organizations.get(alias)
        wanted = {each.name: each for each in manifest.spec.webhooks} if manifest else {}
        if manifest is not None and manifest.spec.suspended:
            continue
        found = snapshot.webhooks.get(alias)
        site = _Site(alias, manifest, live, situation.owner, leavers)
        match found:
            case None if live is not None:
                continue
            case None | ReadFailure():
                yield from site.new(wanted, pending)
            case _:
                yield from site.rows(wanted, found)


class _Leavers:
    """The clients that can still delete an endpoint after everything else was written.

    They are looked for only where an endpoint leaves: that takes a look at all clients.
    """

    def __init__(self, declared: Mapping[str, IntegrationOrganization], snapshot: Snapshot) -> None:
        self._declared = declared
        self._snapshot = snapshot

    def of(self, alias: str) -> str:
        """Return the client of the organization; empty for none."""
        return self._by_alias.get(alias, "")

    @cached_property
    def _by_alias(self) -> dict[str, str]:
        homes = {c.client_id: name for name, each in self._declared.items() for c in each.spec.clients}
        off = {c.client_id for each in self._declared.values() for c in each.spec.clients if not c.enabled}
        usable = webhook.usable_clients(self._snapshot.clients.values())
        return {
            alias: next((each for each in found if homes.get(each, alias) == alias and each not in off), "")
            for alias, found in usable.items()
        }


class _Site:
    """One organization with its webhooks."""

    def __init__(
        self,
        alias: str,
        manifest: IntegrationOrganization | None,
        live: OrganizationObservation | None,
        owner: str,
        leavers: _Leavers,
    ) -> None:
        self._alias = alias
        self._manifest = manifest
        self._owner = owner
        self._marker = organization.observed_marks(live) if live else marks.Marks(None)
        self._all_marks: Mapping[str, Mark] = webhook.MARKS.read(live.representation) if live else {}
        self._marks = webhook.MARKS.valid(self._all_marks, alias)
        self._leavers = leavers

    def new(self, wanted: Mapping[str, Webhook], pending: Collection[Address]) -> Iterator[Row]:
        """Yield what may be created once the pending changes are made."""
        home = Address.organization(self._alias)
        if self._manifest is None or self._manifest.spec.dpa is None:
            return
        for name, each in sorted(wanted.items()):
            sender = webhook.sender_of(self._manifest, each)
            if (
                name not in self._marks
                and self._is_enabled(sender)
                and {home, Address.client(self._alias, sender)} & set(pending)
            ):
                yield self._row(name, each, None)

    def rows(self, wanted: Mapping[str, Webhook], endpoints: Sequence[Endpoint]) -> Iterator[Row]:
        """Yield what is declared, then what else is live."""
        found = matched({name: each.url for name, each in wanted.items()}, endpoints, self._marks)
        taken = {endpoint.id: name for name, endpoint in found.items()}
        former = {taken[mark.id]: name for name, mark in self._marks.items() if name not in wanted and mark.id in taken}
        for name, each in sorted(wanted.items()):
            old = former.get(name, "") if name not in self._marks else ""
            yield self._row(name, each, found.get(name), renamed_from=old)
        names = {mark.id: name for name, mark in self._marks.items() if name not in wanted}
        for endpoint in endpoints:
            if endpoint.id not in taken:
                yield self._row(names.get(endpoint.id, ""), None, endpoint)
        live = {endpoint.id for endpoint in endpoints}
        gone = {name for name, mark in self._all_marks.items() if name not in wanted and mark.id not in live}
        for name in sorted(gone if self._marker.owner else ()):
            yield self._row(name, None, None)

    def _row(self, name: str, wanted: Webhook | None, endpoint: Endpoint | None, *, renamed_from: str = "") -> Row:
        mark_name = renamed_from or name
        mark = self._all_marks.get(mark_name)
        seen = webhook.observation(endpoint, mark, self._marker.owner)
        is_there = endpoint is not None or (wanted is None and mark is not None)
        before = webhook.observed_fields(seen) if is_there else None
        sender = (
            webhook.sender_of(self._manifest, wanted) if self._manifest and wanted else self._leavers.of(self._alias)
        )
        address = Address.webhook(self._alias, name or seen.id)
        return Row(
            address=address,
            before=before,
            after=webhook.desired_fields(self._alias, wanted, self._owner) if wanted else None,
            marks=self._protected(marks.parse(seen.owner, seen.applied, Address.webhook(self._alias, mark_name))),
            live_id=seen.id,
            own=before,
            ignored=self._ignored(),
            renamed_from=renamed_from,
            sender=sender,
            obstacle=self._obstacle(wanted, endpoint, sender),
        )

    def _obstacle(self, wanted: Webhook | None, endpoint: Endpoint | None, sender: str) -> str:
        if wanted is None:
            return _NO_SENDER if endpoint is not None and not sender else ""
        return "" if self._is_enabled(sender) else f"the manifest disables {sender}, whose token would write it"

    def _is_enabled(self, client_id: str) -> bool:
        clients = self._manifest.spec.clients if self._manifest else ()
        return any(client.enabled for client in clients if client.client_id == client_id)

    def _protected(self, found: marks.Marks) -> marks.Marks:
        """Return the marks; with its organization gone from the manifests, what protects that protects this too."""
        return found if self._manifest else marks.protected(found, by=self._marker)

    def _ignored(self) -> frozenset[str]:
        patterns = self._manifest.lifecycle.ignored_paths if self._manifest else ()
        return ignored_of_items(patterns, "webhooks", FIELDS.said)


def matched(urls: Mapping[str, str], endpoints: Sequence[Endpoint], marked: Mapping[str, Mark]) -> dict[str, Endpoint]:
    """Return which endpoint each name means: the one that its mark names, or else the one of its URL.

    ``urls`` are the declared ones by name. An endpoint that is marked with another declared name is not taken.
    """
    by_id = {endpoint.id: endpoint for endpoint in endpoints}
    found: dict[str, Endpoint] = {}
    for name in sorted(urls):
        mark = marked.get(name)
        if mark is not None and mark.id in by_id:
            found[name] = by_id.pop(mark.id)
    for name, url in sorted(urls.items()):
        fitting = next((each for each in by_id.values() if each.url == url), None)
        if name not in found and fitting is not None:
            found[name] = by_id.pop(fitting.id)
    return found
