"""What a single policy cannot know of itself: its line, the other policies, and which fields and environments exist."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

from pydantic import BaseModel

from reconciler.manifest.document import Document
from reconciler.manifest.explain import closest
from reconciler.manifest.positions import Step, path_text
from reconciler.manifest.shape import MODELS, SHARED, is_list, keys_of, model_at
from reconciler.model.errors import Problem
from reconciler.model.policy import PlacedPolicy
from reconciler.model.settings import Settings
from reconciler.model.text import quoted

_POLICIES: Final = "policies"
_FREE: Final = ("keycloak.", "serviceAccount.", "reconciler/", "labels.")
"""How fields begin that no manifest names: any may appear."""

_GLOB: Final = frozenset("*?[")


def placed(document: Document, settings: Settings) -> tuple[PlacedPolicy, ...]:
    """Return the policies, each with its file and line."""
    lines = [document.root.nearest((_POLICIES, index)).value.line for index in range(len(settings.policies))]
    return tuple(
        PlacedPolicy(policy, f"{document.file}:{line}") for policy, line in zip(settings.policies, lines, strict=True)
    )


def policy_problems(document: Document, settings: Settings) -> Iterator[Problem]:
    """Yield what would make a policy hit never, or be taken for another one: a rule that is silent protects nobody."""
    names: set[str] = set()
    for index, policy in enumerate(settings.policies):
        if policy.name in names:
            yield _problem(
                document, (index, "name"), f"Duplicate policy '{policy.name}'.", "Give each policy its own name."
            )
        names.add(policy.name)
        for number, environment in enumerate(policy.when.environment or ()):
            if environment not in settings.environments:
                remedy = f"{closest(environment, settings.environments)}There are: {', '.join(settings.environments)}."
                message = f"There is no environment {quoted(environment)}."
                yield _problem(document, (index, "when", "environment"), message, remedy, number)
        for number, path in enumerate(policy.when.path or ()):
            if not _can_match(path):
                remedy = f"{closest(path, known_paths())}Write it as plan shows it, such as capabilities.rateLimitTier."
                message = f"No field matches {quoted(path)}."
                yield _problem(document, (index, "when", "path"), message, remedy, number)


def _problem(document: Document, steps: tuple[Step, ...], message: str, remedy: str, *item: int) -> Problem:
    path = (_POLICIES, *steps)
    return Problem(document.file, *document.root.nearest((*path, *item)).value, path_text(path), message, remedy)


def _can_match(pattern: str) -> bool:
    if pattern.startswith(_FREE) or f"{pattern}." in _FREE:
        return True
    if _GLOB & set(pattern):
        # It may be meant for fields that only live objects have.
        return not pattern[0].isalpha() or any(fnmatchcase(path, pattern) for path in known_paths())
    return any(path == pattern or path.startswith(f"{pattern}.") for path in known_paths())


@cache
def known_paths() -> tuple[str, ...]:
    """Return the fields that manifests name, as plans write them."""
    found = {"clientId", "lifecycle.preventDestroy", "lifecycle.ignoreChanges", "labels"}
    for model in (model for name, model in MODELS.items() if name not in SHARED):
        spec = model_at(model, ("spec",))
        if spec is not None:
            found |= set(_paths(spec))
    return tuple(sorted(found))


def _paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for key, info in keys_of(model).items():
        inner = model_at(model, (key,))
        if inner is None:
            yield prefix + key
        elif is_list(info):
            # The items are resources of their own (clients, webhooks), or the list is one field (partners).
            yield prefix + key
            yield from _paths(inner)
        else:
            yield from _paths(inner, f"{prefix}{key}.")
