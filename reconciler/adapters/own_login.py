"""An integrator's own credentials, which only the environment may hold."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.model.errors import WrongUsage

if TYPE_CHECKING:
    from reconciler.diagnose.session import Credentials

CLIENT_ID: Final = "NT24_CLIENT_ID"
CLIENT_SECRET: Final = "NT24_CLIENT_SECRET"  # noqa: S105  (the name of a variable)
ACCESS_TOKEN: Final = "NT24_ACCESS_TOKEN"  # noqa: S105
_AROUND: Final = "'\" \t\r\n\ufeff"
"""What does not belong around an id or a secret, but comes along with files and env files."""


@dataclass(frozen=True, slots=True)
class OwnLogin:
    """The variables as they are; it never shows a secret."""

    client_id: str
    _variables: Mapping[str, str]

    @property
    def secret(self) -> str:
        """Return the secret."""
        return self._variables[CLIENT_SECRET]

    def credentials(self) -> "Credentials":
        """Return handles of everything, and of what it may have been meant to be."""
        from reconciler.adapters.prober import HiddenToken
        from reconciler.adapters.vault import PlainSecret
        from reconciler.diagnose.session import Credentials

        meant = self.client_id.strip(_AROUND), self.secret.strip(_AROUND)
        token = self._variables.get(ACCESS_TOKEN)
        return Credentials(
            secret=PlainSecret(self.secret),
            length=len(self.secret),
            trimmed=None if meant == (self.client_id, self.secret) else (meant[0], PlainSecret(meant[1])),
            token=HiddenToken(token.strip()) if token else None,
        )

    def __repr__(self) -> str:
        return f"OwnLogin({self.client_id})"


def own_login(variables: Mapping[str, str] = os.environ) -> OwnLogin | None:
    """Return the integrator's credentials; None where none are set.

    Raises:
        WrongUsage: One half is set, and the other is not.
    """
    given = [name for name in (CLIENT_ID, CLIENT_SECRET) if variables.get(name)]
    if not given:
        return None
    if len(given) == 1:
        missing = CLIENT_SECRET if given == [CLIENT_ID] else CLIENT_ID
        raise WrongUsage(f"{given[0]} is set, but {missing} is not.", remedy="Set both, or none of them.")
    return OwnLogin(variables[CLIENT_ID], variables)
