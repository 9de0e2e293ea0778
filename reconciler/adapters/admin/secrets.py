"""The secrets of clients: only this file, the vault and the token requests ever hold one."""

from reconciler.adapters.admin.realm_admin import RealmAdmin
from reconciler.adapters.vault import ROTATED, PlainSecret
from reconciler.model.errors import NotFound
from reconciler.model.url import segment
from reconciler.model.value import Representation

_LOGINS = 100


class SecretEndpoints(RealmAdmin):
    """The secrets of clients, and the record of their logins."""

    async def secrets_of(self, client_id: str) -> tuple[PlainSecret | None, PlainSecret | None]:
        if await self.find_client(client_id) is None:
            # It may have been there before: the vault knows it still.
            return None, None
        return self._vault.current(client_id), self._vault.rotated(client_id)

    async def regenerate_secret(self, uuid: str) -> None:
        # The answer, which carries it, is dropped: it is read like any other.
        await self.send("POST", f"/clients/{segment(uuid)}/client-secret")

    async def revoke_old_secret(self, uuid: str) -> None:
        await self.send("DELETE", f"/clients/{segment(uuid)}/client-secret/rotated")

    async def exchange_secrets(self, uuid: str, client_id: str, representation: Representation) -> None:
        current, old = await self.secrets_of(client_id)
        if current is None or old is None:
            raise NotFound(f"Keycloak has no old secret of {client_id}.")
        attributes = {**(representation.get("attributes") or {}), ROTATED: current.reveal()}
        await self.send(
            "PUT", f"/clients/{segment(uuid)}", {**representation, "secret": old.reveal(), "attributes": attributes}
        )

    async def logins(self, client_id: str) -> tuple[Representation, ...]:
        query = {"client": client_id, "type": ["CLIENT_LOGIN", "CLIENT_LOGIN_ERROR"], "max": _LOGINS}
        return tuple(await self.get("/events", list, **query))
