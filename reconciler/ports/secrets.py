"""Clients' secrets: read and replaced, tried out, and delivered."""

from typing import Protocol

from reconciler.model.address import Address
from reconciler.model.rotation import LoginTrial
from reconciler.model.value import Representation


class Secret(Protocol):
    """A secret, out of sight: only a sink and a token request look inside."""

    def reveal(self) -> str:
        """Return the secret itself."""


class SecretApi(Protocol):
    """The secrets of a realm's clients: what is handed out are handles, and nothing is printed."""

    async def secrets_of(self, client_id: str) -> tuple[Secret | None, Secret | None]:
        """Read the client again and return its current and its old secret; None for one that is not there."""

    async def regenerate_secret(self, uuid: str) -> None:
        """Make a new secret; the current one becomes the old one where a rotation policy holds, or else dies.

        Raises:
            OutcomeUnknown: It may or may not have been made.
        """

    async def revoke_old_secret(self, uuid: str) -> None:
        """Let the old secret die; no error where there is none."""

    async def exchange_secrets(self, uuid: str, client_id: str, representation: Representation) -> None:
        """Replace a client, its old secret becoming the current one and the current one the old one, at once.

        Raises:
            NotFound: There is no old secret.
        """

    async def logins(self, client_id: str) -> tuple[Representation, ...]:
        """Return the client's latest recorded logins, successful or not, newest first; 100 at most."""


class SecretProof(Protocol):
    """Try secrets where clients use them: at the token endpoint, and at the platform."""

    async def try_login(self, client_id: str, secret: Secret) -> LoginTrial:
        """Ask for a token with the secret, and say whether it was accepted.

        Raises:
            RequestFailed: The client was refused for another reason than its secret.
        """

    async def ask_platform(self, client_id: str, secret: Secret) -> str | None:
        """Ask ``GET /v1/me`` with a token of the secret; return why the platform has no answer for the client.

        Empty where it answers, None where it is not to be asked.

        Raises:
            RequestFailed: The token itself is not accepted.
        """


class SecretSink(Protocol):
    """A place that secrets are delivered to; it keeps them for those who need them."""

    title: str
    """Where secrets go, for people: ``the file secrets/{name}``."""

    async def check(self) -> None:
        """Return where a secret could be delivered, without delivering one.

        Raises:
            SinkFailed: It could not; the message says why.
        """

    async def deliver(self, name: Address, secret: Secret) -> str:
        """Put the secret of a resource there, in place of an older one, and say for people where it is now.

        Raises:
            SinkFailed: It is not there; an older one may still be.
        """
