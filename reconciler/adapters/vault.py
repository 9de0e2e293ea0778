"""Secrets: opaque handles, and the vault that takes them out of representations.

A secret is handed on as a :class:`PlainSecret`, which nothing prints, formats, pickles or turns to JSON; only a sink
and a token request look inside.
"""

import hmac
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from reconciler.adapters.redaction import remember
from reconciler.model.sensitive import is_sensitive, masked
from reconciler.ports import Secret

ROTATED: Final = "client.secret.rotated"
_ATTRIBUTES: Final = frozenset({ROTATED})
_KEYS: Final = frozenset({"secret", "registrationAccessToken"})


class PlainSecret(Secret):
    """Hold one secret out of sight; equal to another one of the same value."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        remember(value)
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainSecret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(PlainSecret)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


class SecretVault:
    """Hold the secrets that Keycloak's representations carry, out of sight of everything else."""

    __slots__ = ("_rotated", "_secrets")

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}
        self._rotated: dict[str, str] = {}

    def keep(self, client_id: str, secret: str) -> None:
        """Take a secret that came by another way than Keycloak's representations."""
        self._secrets[client_id] = secret

    def strip(self, representation: dict[str, Any]) -> dict[str, Any]:
        """Return the client's representation without any secret; keep its current and its rotated one."""
        attributes = representation.get("attributes") or {}
        client_id = representation["clientId"]
        if secret := representation.get("secret"):
            self._secrets[client_id] = secret
            remember(secret)
        self._rotated.pop(client_id, None)
        if rotated := attributes.get(ROTATED):
            self._rotated[client_id] = rotated
            remember(rotated)
        # It stays, since it is written back; no message of a live system says it again.
        remember(*(str(value) for key, value in attributes.items() if is_sensitive(key)))
        return {
            **{key: value for key, value in representation.items() if key not in _KEYS},
            "attributes": {key: value for key, value in attributes.items() if key not in _ATTRIBUTES},
        }

    def strip_all(self, representations: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
        """Return the clients' representations without any secret."""
        return tuple(self.strip(representation) for representation in representations)

    def current(self, client_id: str) -> PlainSecret | None:
        """Return the client's current secret as a handle, or None where none was seen."""
        value = self._secrets.get(client_id)
        return None if value is None else PlainSecret(value)

    def rotated(self, client_id: str) -> PlainSecret | None:
        """Return the secret that was the client's before the last rotation, or None where Keycloak has none."""
        value = self._rotated.get(client_id)
        return None if value is None else PlainSecret(value)

    def __repr__(self) -> str:
        return f"SecretVault({len(self._secrets)} secrets)"


_IN_EVENTS: Final = frozenset(
    {*_KEYS, *_ATTRIBUTES, "clientSecret", "client_secret", "credentials", "password", "privateKey", "value"}
)


def without_secrets(content: Any) -> Any:
    """Return what an admin event says was sent, without anything that may be a secret; Keycloak masks most itself.

    What is a secret by its name alone is masked, as it is where it is live, so that the two compare.
    """
    return masked(_without_keys(content))


def _without_keys(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_keys(inner) for key, inner in content.items() if key not in _IN_EVENTS}
    if isinstance(content, list):
        return [_without_keys(inner) for inner in content]
    return content
