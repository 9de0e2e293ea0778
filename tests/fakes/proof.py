"""Secrets tried on the fake server, as clients do."""

from reconciler.model.rotation import LoginTrial
from reconciler.ports import Secret, SecretProof
from tests.fakes.keycloak import FakeKeycloak


class FakeProof(SecretProof):
    """Log in at the fake token endpoint; the platform answers everybody."""

    def __init__(self, keycloak: FakeKeycloak) -> None:
        self._keycloak = keycloak

    async def try_login(self, client_id: str, secret: Secret) -> LoginTrial:
        token_id = self._keycloak.by_hand.log_in(client_id, secret.reveal())
        return LoginTrial(accepted=token_id is not None, token_id=token_id or "")

    async def ask_platform(self, client_id: str, secret: Secret) -> str | None:
        return ""
