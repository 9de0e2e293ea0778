"""Client secrets: taken out of representations here, and handed out for a token request only."""

from collections.abc import Iterable
from typing import Any, Final

_ATTRIBUTES: Final = frozenset({"client.secret.rotated"})
_KEYS: Final = frozenset({"secret", "registrationAccessToken"})


class SecretVault:
    """Hold the secrets that Keycloak's representations carry, out of sight of everything else."""

    __slots__ = ("_secrets",)

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}

    def strip(self, representation: dict[str, Any]) -> dict[str, Any]:
        """Return the client's representation without any secret; keep its current one."""
        if secret := representation.get("secret"):
            self._secrets[representation["clientId"]] = secret
        attributes = representation.get("attributes") or {}
        return {
            **{key: value for key, value in representation.items() if key not in _KEYS},
            "attributes": {key: value for key, value in attributes.items() if key not in _ATTRIBUTES},
        }

    def strip_all(self, representations: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
        """Return the clients' representations without any secret."""
        return tuple(self.strip(representation) for representation in representations)

    def secret_of(self, client_id: str) -> str | None:
        """Return the client's current secret, or None where none was seen."""
        return self._secrets.get(client_id)

    def __repr__(self) -> str:
        return f"SecretVault({len(self._secrets)} secrets)"
