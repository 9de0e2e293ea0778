"""Which live systems a run means; light, because commands import it for their help already."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.adapters.meter import KEYCLOAK, PLATFORM, Meter
from reconciler.adapters.write_gate import LockGate
from reconciler.model.errors import WrongUsage
from reconciler.model.url import checked_url, normalized_url

if TYPE_CHECKING:
    from reconciler.adapters.http import Connection
    from reconciler.adapters.tape import Tape


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOptions:
    """Which live systems are meant, and how they are reached; ``timeout`` is in seconds."""

    keycloak_url: str | None
    realm: str
    api_url: str | None
    owner: str
    parallelism: int
    timeout: float
    ca_file: Path | None
    client_cert: Path | None
    client_key: Path | None
    allow_http: bool
    jwt_audience: str = ""
    """Whom the JWTs of the login are for; empty for the realm at Keycloak's URL."""
    without_api: str = ""
    """The option by which the command can do without the platform API, for messages; empty where it cannot."""
    meter: Meter = field(default_factory=Meter, compare=False)
    """Watches the requests, for whoever shows how far they are."""
    gate: LockGate = field(default_factory=LockGate, compare=False)
    """What every write passes; whoever takes the lock opens it."""
    tape: "Tape | None" = None
    """Records what is read, or answers from a recording."""

    @property
    def server(self) -> str:
        """Return Keycloak's URL in the one spelling that plans are bound to; empty if none is given."""
        return normalized_url(self.keycloak_url or "")

    def keycloak(self) -> "Connection":
        """Return the connection to Keycloak.

        Raises:
            WrongUsage: Its URL is missing or makes no sense.
        """
        url = _needed(self.keycloak_url, "KEYCLOAK_URL", "Keycloak's URL")
        return self._connection(KEYCLOAK, url, "KEYCLOAK_URL")

    def api(self) -> "Connection":
        """Return the connection to the platform API.

        Raises:
            WrongUsage: Its URL is missing or makes no sense.
        """
        how = f" (or pass {self.without_api})" if self.without_api else ""
        url = _needed(self.api_url, "NT24_API_URL", f"the NT24 Integration API's URL{how}")
        return self._connection(PLATFORM, url, "NT24_API_URL")

    def _connection(self, system: str, url: str, name: str) -> "Connection":
        from reconciler.adapters.http import Connection

        return Connection(
            system=system,
            base_url=checked_url(system, url, allow_http=self.allow_http, name=name),
            timeout=self.timeout,
            parallelism=self.parallelism,
            ca_file=self.ca_file,
            certificate_file=self.client_cert,
            key_file=self.client_key,
            traffic=self.meter,
        )


def _needed(value: str | None, variable: str, what: str) -> str:
    if not value:
        raise WrongUsage(f"{variable} is not set.", remedy=f"Set it to {what}.")
    return value
