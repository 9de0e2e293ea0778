"""Read and write webhooks in one apply: with a client's token on the platform, and in the marks of the organization."""

from contextlib import suppress
from dataclasses import dataclass, field

from reconciler.kinds.item_marks import entries_in, id_entry, owner_on
from reconciler.kinds.webhook import representation as webhook
from reconciler.kinds.writing import Live, Writer, misplaced
from reconciler.model.address import Address
from reconciler.model.change import Action, Change, Step, Verb
from reconciler.model.errors import RequestFailed, StalePlan
from reconciler.model.layout import CLIENT_PREFIX, SERVICE_ACCOUNT_PREFIX
from reconciler.model.observed import Endpoint, WebhookObservation
from reconciler.model.value import Fields, plain
from reconciler.ports import PlatformApi, Secret


@dataclass(slots=True)
class WebhookWriter(Writer):
    """Write webhooks."""

    _known: set[str] = field(default_factory=set)
    """The clients whose secrets the adapter has seen."""
    _begun: set[Address] = field(default_factory=set)
    """What was sent for creation."""
    _secrets: dict[Address, Secret] = field(default_factory=dict)
    """What was delivered."""

    async def read(self, change: Change) -> tuple[Live, Fields]:
        """Return the webhook as it is now; None where neither an endpoint nor a mark is left of it."""
        organization_id = await self.systems.organization_id(change.address.names[0])
        organization = await self.systems.admin.organization(organization_id)
        mark = webhook.MARKS.read(organization).get(change.renamed_from or change.address.name)
        endpoint = await self._seen(change)
        found = webhook.observation(endpoint, mark, owner_on(organization))
        is_there = found.endpoint is not None or found.owner is not None
        return (found, webhook.observed_fields(found)) if is_there else (None, {})

    async def perform(self, change: Change, step: Step, live: Live) -> None:
        """Make one write."""
        address = change.address
        match step.verb:
            case Verb.CREATE_WEBHOOK:
                platform = await self._platform(change)
                if address not in self._begun:
                    await self._check_absent(change)
                secret = await self._delivered(address, platform)
                self._begun.add(address)
                self.systems.ids[address] = await webhook.create(platform, address, step, secret)
            case Verb.UPDATE_WEBHOOK if isinstance(live, WebhookObservation) and live.endpoint is not None:
                platform, found, patch = await self._platform(change), live.endpoint, step.body[webhook.WEBHOOK]
                key = webhook.key_of(address, step.verb.value, found.id, found.version, patch)
                await platform.update_webhook(_sender(change), found, plain(patch), key)
            case Verb.DELETE_WEBHOOK:
                platform, endpoint_id = await self._platform(change), self.systems.ids[address]
                key = webhook.key_of(address, step.verb.value, endpoint_id)
                await platform.delete_webhook(_sender(change), endpoint_id, key)
            case Verb.MARK_WEBHOOK:
                entries = (id_entry(self.systems.ids[address]), *entries_in(step))
                former = str(step.body.get(webhook.FORMER, ""))
                await self.systems.mark(webhook.MARKS, address, entries, instead_of=former)
            case Verb.UNMARK_WEBHOOK:
                await self.systems.mark(webhook.MARKS, address, ())
            case _:
                raise misplaced(step)

    async def _delivered(self, address: Address, platform: PlatformApi) -> Secret | None:
        """Return the secret of a new endpoint, which is in the sink before the platform hears of it; None for no sink.

        Whatever breaks off later, the secret that counts is there.
        """
        if self.systems.sink is None:
            return None
        if address not in self._secrets:
            secret = platform.webhook_secret()
            await self.systems.sink.deliver(address, secret)
            self._secrets[address] = secret
        return self._secrets[address]

    async def _check_absent(self, change: Change) -> None:
        """Refuse to create what somebody else has created since it was planned: the platform may let us.

        Raises:
            StalePlan: An endpoint of that URL exists.
        """
        if await self._endpoint(change) is not None:
            raise StalePlan(f"An endpoint with the URL of {change.address} exists already.", remedy="Run plan again.")

    async def _seen(self, change: Change) -> Endpoint | None:
        try:
            return await self._endpoint(change)
        except RequestFailed:
            if change.action is Action.CREATE:
                # Its client may come to be, or to be admitted, by the very plan.
                return None
            raise

    async def _endpoint(self, change: Change) -> Endpoint | None:
        if not _sender(change):
            return None
        endpoints = await self._endpoints(change)
        if endpoint_id := self.systems.ids.get(change.address):
            return next((each for each in endpoints if each.id == endpoint_id), None)
        if change.action is not Action.CREATE:
            return None
        url = (change.after or {}).get("url")
        return next((each for each in endpoints if each.url == url), None)

    async def _endpoints(self, change: Change) -> tuple[Endpoint, ...]:
        """Return the endpoints of the organization, which any of its clients may ask for.

        The one that writes may be renamed, created or enabled by the very plan.
        """
        platform, sender = self._needed_platform(change), _sender(change)
        try:
            await self._know(sender)
            return await platform.webhooks(sender)
        except RequestFailed as error:
            refusal = error
        for other in await self._others(change.address, sender):
            with suppress(RequestFailed):
                await self._know(other)
                return await platform.webhooks(other)
        raise refusal

    async def _others(self, address: Address, sender: str) -> list[str]:
        members = await self.systems.admin.members(await self.systems.organization_id(address.names[0]))
        accounts = sorted(str(member["username"]) for member in members)
        clients = (name.removeprefix(SERVICE_ACCOUNT_PREFIX) for name in accounts)
        return [each for each in clients if each.startswith(CLIENT_PREFIX) and each != sender]

    async def _platform(self, change: Change) -> PlatformApi:
        """Return the platform, which can ask with the client's token.

        Raises:
            RequestFailed: There is no platform, or no such client.
        """
        platform = self._needed_platform(change)
        await self._know(_sender(change))
        return platform

    def _needed_platform(self, change: Change) -> PlatformApi:
        if self.systems.platform is None:
            raise RequestFailed(
                f"{change.address} is written on the platform, which is not called.", remedy="Leave out --no-effective."
            )
        return self.systems.platform

    async def _know(self, client_id: str) -> None:
        """Read the client, which is what makes its secret known to the adapter."""
        if client_id not in self._known:
            if await self.systems.admin.find_client(client_id) is None:
                raise RequestFailed(f"There is no client {client_id}.", remedy="Run plan again.")
            self._known.add(client_id)


def _sender(change: Change) -> str:
    return str(change.steps[0].body[webhook.CLIENT])
