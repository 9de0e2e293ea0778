"""The live systems, asked as an integrator's program asks them: whatever happens is an answer, not an error."""

from collections.abc import Mapping
from typing import Any, Protocol

from reconciler.model.probe import Certificate, NoAnswer, ProbeAnswer, System
from reconciler.ports.secrets import Secret


class AccessToken(Secret, Protocol):
    """An access token, out of sight but for what it says of itself."""

    claims: Mapping[str, Any] | None
    """Nothing of it is verified; None where it cannot be read."""


class Prober(Protocol):
    """Ask as one client; nothing is repeated, and nothing is kept."""

    async def discovery(self) -> ProbeAnswer | NoAnswer:
        """Return the answer to the realm's discovery document."""

    async def certificate(self, system: System) -> Certificate | None:
        """Return the certificate that the system shows, trusted or not; None where none can be had.

        Nothing is sent over the connection. Behind a proxy there is none to be had.
        """

    async def ask_token(self, client_id: str, secret: Secret) -> tuple[ProbeAnswer | NoAnswer, AccessToken | None]:
        """Ask for a token as the client; the answer is without it."""

    async def me(self, token: Secret) -> ProbeAnswer | NoAnswer:
        """Return the answer to ``GET /v1/me`` with the token."""
