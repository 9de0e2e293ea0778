"""The platform's own directory of trade partners: names and countries, which Keycloak does not know."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from reconciler.model.errors import ReconcilerError

_LOG: Final = logging.getLogger(__name__)


class Partner(BaseModel):
    """Name a trade partner."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]


_DIRECTORY: Final = TypeAdapter(dict[UUID, Partner | None])


def parse_directory(text: str, source: str) -> Mapping[str, Partner | None]:
    """Return the directory that a JSON text ``{uuid: {name, country}}`` describes; ``null`` is a partner that is none.

    Raises:
        ReconcilerError: It does not; the message names ``source`` and the first place.
    """
    try:
        partners = _DIRECTORY.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ReconcilerError(
            f"{source} is not a directory of partners: {place + ': ' if place else ''}{first['msg']}.",
            remedy='Write a JSON object such as {"3b0d12ab-…": {"name": "Autohaus Nord", "country": "DE"}}.',
        ) from error
    return {str(uuid): partner for uuid, partner in partners.items()}


class PartnerDirectory:
    """Look partners up in a file, which is read again whenever it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_when: tuple[int, int] | None = None
        self._partners: Mapping[str, Partner | None] = {}

    def find(self, uuid: str) -> Partner | None:
        """Return the partner, None where the directory says that there is none.

        One that the directory does not have gets a name made of its UUID, and DE.
        """
        self._refresh()
        return self._partners.get(uuid, Partner(name=f"Trade Partner {uuid[:8]}", country="DE"))

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return
        changed_when = (status.st_mtime_ns, status.st_size)
        if changed_when == self._read_when:
            return
        self._read_when = changed_when
        try:
            self._partners = parse_directory(self._path.read_text(encoding="utf-8"), str(self._path))
        except ReconcilerError as error:
            _LOG.warning("%s The directory stays as it was.", error.message)
