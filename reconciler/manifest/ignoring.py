"""Fields of Keycloak that nobody may leave to it: what gives power is always compared."""

from collections.abc import Collection, Iterator
from typing import Final

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.ignoring import is_ignorable
from reconciler.kinds.registry import KINDS
from reconciler.manifest.document import Document
from reconciler.manifest.positions import Step, path_text
from reconciler.model.errors import Problem
from reconciler.model.settings import Settings
from reconciler.model.text import quoted

REMEDY: Final = (
    "Name a field that grants no access, such as keycloak.attributes.NAME. Marks, roles, members, mappers, scopes, "
    "redirect URIs, flows, logins and secrets are always compared."
)


def not_ignorable(path: str, kinds: Collection[ResourceKind]) -> str:
    """Return why the field cannot be ignored in the kinds; empty where it can."""
    return (
        ""
        if is_ignorable(path, kinds)
        else f"{quoted(path)} cannot be ignored: it is, or contains, a field that grants access."
    )


def ignoring_problems(document: Document, settings: Settings) -> Iterator[Problem]:
    """Yield the fields that the settings must not ignore, and those that stand twice in an environment."""
    for name, environment in settings.environments.items():
        seen: set[str] = set()
        for index, entry in enumerate(environment.keycloak_fields.ignore):
            twice = f"Duplicate entry {quoted(entry.path)}." if entry.path in seen else ""
            seen.add(entry.path)
            if message := not_ignorable(entry.path, KINDS.values()) or twice:
                steps: tuple[Step, ...] = ("environments", name, "keycloakFields", "ignore", index, "path")
                mark = document.root.nearest(steps).value
                yield Problem(document.file, *mark, path_text(steps), message, "Keep one." if twice else REMEDY)
