"""What came back when a live system was asked as an integrator's program asks it; without tokens and secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Self


class System(StrEnum):
    """Name the live systems, as messages do."""

    KEYCLOAK = "Keycloak"
    API = "the NT24 Integration API"


class ProbeFailure(StrEnum):
    """Say why no answer came; closed. Values are the codes of causes."""

    is_tls: bool
    """Whether the machine was reached, and TLS is what failed."""

    def __new__(cls, value: str, is_tls: bool = False) -> Self:
        """Return the failure of that code."""
        self = str.__new__(cls, value)
        self._value_, self.is_tls = value, is_tls
        return self

    UNKNOWN_HOST = "unknown-host"
    CONNECTION_REFUSED = "connection-refused"
    TIMED_OUT = "timed-out"
    PROXY = "proxy-refuses"
    BROKEN = "connection-broken"
    ENDLESS = "answer-endless"
    NOT_TLS = "no-tls", True
    UNTRUSTED = "certificate-untrusted", True
    EXPIRED = "certificate-expired", True
    NOT_YET_VALID = "certificate-not-yet-valid", True
    WRONG_HOST = "certificate-wrong-host", True
    CERTIFICATE = "certificate-unusable", True
    TLS = "tls-broken", True


def status_text(status: int) -> str:
    """Return a status with its name; an answer that somebody brought along may not tell its status: 0."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status or "")


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No answer came: why, and in the machine's own words."""

    failure: ProbeFailure
    detail: str
    request_id: str


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """An answer; ``headers`` have lower-case names, ``document`` is its JSON or None."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    document: Any = None
    request_id: str = ""
    received: datetime | None = None

    @property
    def is_success(self) -> bool:
        """Tell whether it is a 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def fields(self) -> Mapping[str, Any]:
        """Return the document where it is a JSON object, else nothing."""
        return self.document if isinstance(self.document, Mapping) else {}

    @property
    def code(self) -> str:
        """Return the system's own word: the last part of an RFC 7807 type, or an OAuth error; empty for neither."""
        return str(self.fields.get("type") or self.fields.get("error") or "").rsplit("/", 1)[-1]

    @property
    def words(self) -> str:
        """Return what the system says to people; empty where it says nothing."""
        said = self.fields
        keys = ("detail", "error_description", "errorMessage", "title")
        return next((str(said[key]) for key in keys if said.get(key)), "")

    @property
    def trace_id(self) -> str:
        """Return the platform's name for the request, to quote to its support; empty where it gave none."""
        return str(self.fields.get("traceId") or "")


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server's certificate says."""

    names: tuple[str, ...]
    """The host names that it is for."""
    issuer: str
    not_before: datetime
    not_after: datetime
