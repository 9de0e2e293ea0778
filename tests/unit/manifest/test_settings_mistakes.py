"""Whatever is wrong with a key of ``reconciler.yaml`` is an error at its file, line and column; no key is left out."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import BaseModel

from reconciler.manifest.positions import path_text
from reconciler.manifest.settings_file import read_settings_file
from reconciler.manifest.shape import keys_of
from reconciler.model.errors import Problem, SettingsError
from reconciler.model.settings import Settings
from tests.unit.manifest.advice import at, changed, proposals
from tests.unit.manifest.whole_settings import CONTROL, WHOLE, WRONG, Path, lines_of, places, text_of, with_value

PLACES = tuple(places(WHOLE))
NULL_IS_NONE = {
    "url",
    "realm",
    "overlays",
    "owner",
    "history",
    "sink",
    "dpa",
    "namespace",
    "risk",
    "kind",
    "action",
    "path",
    "environment",
}
TAKEN = {
    "null": NULL_IS_NONE,
    "a boolean": {"default", "allowEmpty", "required"},
    "a number": {"minResources"},
    "a list": {"notifications", "ignore", "check", "policies"},
    "a mapping": {
        "staging", "keycloak", "api", "authority", "guards", "keycloakFields", "githubActions", "when", "label",
    },
    "nothing": {"tier", "approved"},
}  # fmt: skip
"""By what is wrong elsewhere, the keys in which it is not."""
ANY_TEXT = {
    "manifests",
    "overlays",
    "owner",
    "reason",
    "path",
    "namespace",
    "key",
    "run",
    "check",
    "tier",
    "approved",
    "message",
}


def problems(settings: object) -> tuple[Problem, ...]:
    try:
        read_settings_file("reconciler.yaml", text_of(settings))
    except SettingsError as error:
        return tuple(error.problems)
    return ()


def is_about(problem: Problem, path: Path) -> bool:
    """Tell whether it is one of what the path is part of, or of who names a sink that is not there any more."""
    return path_text(path).startswith(problem.path) or (path == ("sinks",) and problem.path.endswith(".sink"))


def models(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    if model in seen:
        return
    seen.add(model)
    yield model
    for info in model.model_fields.values():
        for inner in _models_in(info.annotation):
            yield from models(inner, seen)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def test_the_settings_of_these_tests_are_right_and_say_everything() -> None:
    assert problems(WHOLE) == ()
    said = {step for path in PLACES for step in path}
    assert {key for model in models(Settings, set()) for key in keys_of(model)} <= said


@pytest.mark.parametrize("wrong", WRONG)
def test_it_is_an_error_at_its_place(wrong: str) -> None:
    for path in PLACES:
        found = problems(with_value(path, WRONG[wrong]))
        key = next(str(step) for step in reversed(path) if isinstance(step, str))
        if not found:
            may_be = key in TAKEN.get(wrong, ()) or (key in ANY_TEXT and isinstance(WRONG[wrong], str | list))
            assert may_be, path
            assert wrong not in CONTROL, path
            continue
        assert all(each.file == "reconciler.yaml" and each.line and each.column for each in found), found
        assert any(each.line in lines_of(path) or is_about(each, path) for each in found), (path, found)
        assert all(len(f"{each.message}{each.remedy}") < 1_000 for each in found), found


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_advised_is_accepted(wrong: str) -> None:
    for path in PLACES:
        settings = with_value(path, WRONG[wrong])
        for problem in problems(settings):
            assert problem.remedy or re.search("write|is a ", problem.message), problem
            for proposal in proposals(problem, at(settings, problem.path)):
                after = problems(changed(settings, problem.path, proposal))
                assert problem not in after, (problem, proposal)
                is_all = not problem.remedy.startswith(("Shorten", "Remove them"))
                assert not is_all or problem.path not in {each.path for each in after}, (problem, proposal, after)
