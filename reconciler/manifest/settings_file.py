"""From the text of ``reconciler.yaml`` to settings, with every mistake at its place."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from reconciler.manifest.content import Unreadable
from reconciler.manifest.document import Document, read
from reconciler.manifest.explain import Words, words_for
from reconciler.manifest.files import Candidate, text_of
from reconciler.manifest.ignoring import ignoring_problems
from reconciler.manifest.policies import placed, policy_problems
from reconciler.manifest.positions import Source, Step, path_text
from reconciler.manifest.read import keys_and_indexes, place_of
from reconciler.manifest.syntax import BadSyntax
from reconciler.model.errors import Problem, SettingsError, WrongUsage
from reconciler.model.policy import PlacedPolicy
from reconciler.model.settings import Environment, Settings
from reconciler.model.strict import WithoutTitles, schema_text
from reconciler.model.text import quoted

FILE_NAME: Final = "reconciler.yaml"

_SECRETS: Final = {
    "password": "KEYCLOAK_PASSWORD",
    "secret": "KEYCLOAK_CLIENT_SECRET",
    "token": "KEYCLOAK_ACCESS_TOKEN",
    "credential": "KEYCLOAK_CLIENT_SECRET",
}
"""Part of a key that means a secret, in lower case, and the environment variable that is for it."""


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What ``reconciler.yaml`` says, and on which line."""

    settings: Settings
    policies: tuple[PlacedPolicy, ...]
    source: Source


def read_settings(file: str, text: str) -> Settings:
    """Return the settings that ``text`` says, as :func:`read_settings_file` does."""
    return read_settings_file(file, text).settings


def overlay_folders(file: Path) -> tuple[Path, ...]:
    """Return the folders of overlays of every environment; none where the settings cannot be read or are wrong."""
    try:
        settings = read_settings(str(file), text_of(Candidate(file, named=True)))
    except (Unreadable, SettingsError):
        return ()
    named = (environment.overlays for environment in settings.environments.values())
    return tuple(Path(os.path.realpath(file.parent / folder)) for folder in named if folder)


def read_settings_file(file: str, text: str) -> SettingsFile:
    """Return the settings that ``text`` says, and where; ``file`` is for the places of mistakes.

    Raises:
        SettingsError: It carries every problem.
    """
    try:
        documents = list(read(file, text))
    except BadSyntax as error:
        raise _wrong(Problem(file, *error.mark, "", error.message, error.remedy)) from error
    if len(documents) != 1:
        what = "holds no settings" if not documents else "holds several documents"
        line = documents[1].root.value.line if documents else 1
        raise _wrong(
            Problem(file, line, 1, "", f"The file {what}.", "Write one document that starts with environments:.")
        )
    document = documents[0]
    problems = list(document.problems)
    try:
        settings = Settings.model_validate_json(json.dumps(document.value), strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        problems += _problems(document, error.errors(include_url=False))
        raise _wrong(*problems) from error
    problems += _two_defaults(document, settings)
    problems += _unknown_sinks(document, settings)
    problems += policy_problems(document, settings)
    problems += ignoring_problems(document, settings)
    if problems:
        raise _wrong(*problems)
    return SettingsFile(settings, placed(document, settings), Source(document.file, document.root))


def chosen(settings: Settings, name: str | None, file: str) -> tuple[str, Environment]:
    """Return the environment of that name, or the one that is meant where none is named.

    Raises:
        WrongUsage: There is none of that name, or several and none is the default.
    """
    known = ", ".join(sorted(settings.environments))
    if name is not None:
        if name not in settings.environments:
            close = get_close_matches(name, settings.environments, n=1, cutoff=0.5)
            hint = f"Did you mean {close[0]}? " if close else ""
            raise WrongUsage(f"{file} has no environment '{name}'.", remedy=f"{hint}It has: {known}.")
        return name, settings.environments[name]
    marked = [item for item in settings.environments.items() if item[1].default]
    meant = marked or list(settings.environments.items())
    if len(meant) > 1:
        raise WrongUsage(
            f"{file} has several environments, and none is the default: {known}.",
            remedy="Name one: --env NAME. Or write default: true into one of them.",
        )
    return meant[0]


def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of ``reconciler.yaml``."""
    schema = Settings.model_json_schema(by_alias=True, schema_generator=WithoutTitles)
    return schema | {"title": "Settings"}


def settings_schema_text() -> str:
    """Return the schema as the text of ``schema/settings.schema.json``."""
    return schema_text("settings", settings_schema())


def _wrong(*problems: Problem) -> SettingsError:
    return SettingsError(problems, "the settings")


def _problems(document: Document, details: Sequence[ErrorDetails]) -> Iterator[Problem]:
    refused = {problem.path for problem in document.problems}
    for error in details:
        steps = keys_and_indexes(error["loc"])
        if steps and isinstance(steps[-1], int) and not document.root.nearest(steps[:-1]).children:
            steps = steps[:-1]  # A text that stands for a list of one.
        if path_text(steps) in refused:
            continue
        place = place_of(document.root, steps, error)
        message, remedy = _words(error, steps, place.written, document.value)
        yield Problem(document.file, *place.mark, path_text(steps), message, remedy)


def _words(error: ErrorDetails, steps: Sequence[Step], written: str | None, value: Any) -> Words:
    if error["type"] == "extra_forbidden" and (variable := _secret(str(steps[-1]))):
        return Words("Secrets do not belong in this file.", f"Remove the key, and set {variable} in the environment.")
    if steps[:1] == ("environments",) and steps[2:] == ("sink",) and written is not None:
        return _no_sink(written, value.get("sinks"))
    if error["type"] == "too_short":
        return Words("The value is empty.", "Write at least one.")
    return words_for(error, Settings, steps, written)


def _secret(key: str) -> str | None:
    letters = key.casefold().replace("_", "").replace("-", "")
    return next((variable for part, variable in _SECRETS.items() if part in letters), None)


def _two_defaults(document: Document, settings: Settings) -> Iterator[Problem]:
    marked = [name for name, environment in settings.environments.items() if environment.default]
    for name in marked[1:]:
        steps = ("environments", name, "default")
        mark = document.root.nearest(steps).value
        message = f"The environment '{marked[0]}' is the default already."
        yield Problem(document.file, *mark, path_text(steps), message, "Keep one default.")


def _unknown_sinks(document: Document, settings: Settings) -> Iterator[Problem]:
    for name, environment in settings.environments.items():
        if environment.sink is not None and environment.sink not in settings.sinks:
            steps = ("environments", name, "sink")
            mark = document.root.nearest(steps).value
            yield Problem(document.file, *mark, path_text(steps), *_no_sink(environment.sink, settings.sinks))


def _no_sink(name: str, sinks: object) -> Words:
    known = ", ".join(sorted(sinks)) if isinstance(sinks, Mapping) else ""
    remedy = f"Declare it below sinks. Declared: {known}." if known else "Declare it below sinks; none is declared yet."
    return Words(f"There is no sink {quoted(name)}.", remedy)
