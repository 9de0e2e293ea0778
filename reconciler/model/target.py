"""Where a run reads and writes, as everybody is told before anything else."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.model.url import shown_url


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteTarget:
    """Which systems are meant, as whom, and from which commit of the manifests; it holds no secret.

    ``environment`` is that of ``reconciler.yaml``, and ``login`` the client id or user name of the reconciler's own
    login; what is empty is not known. ``api_url`` is None where the platform is not asked.
    """

    environment: str = ""
    keycloak_url: str = ""
    realm: str = ""
    api_url: str | None = None
    owner: str = ""
    login: str = ""
    revision: str = ""

    @property
    def facts(self) -> Mapping[str, str]:
        """Return what is known, by its name, in the order in which it is told; of URLs, no login and no query."""
        found = {
            "environment": self.environment,
            "Keycloak": shown_url(self.keycloak_url),
            "realm": self.realm,
            "API": "not asked" if self.api_url is None else shown_url(self.api_url),
            "owner": self.owner,
            "login": self.login,
            "revision": self.revision,
        }
        return {name: value for name, value in found.items() if value}

    @property
    def named(self) -> Mapping[str, str]:
        """Return the same, named as a list of facts names things."""
        return {f"{name[0].upper()}{name[1:]}": value for name, value in self.facts.items()}

    @property
    def line(self) -> str:
        """Return it on one line."""
        return ", ".join(f"{name} {value}" for name, value in self.facts.items())
