"""What a problem's remedy proposes, as values that can be put in place of what is wrong."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from reconciler.manifest.positions import Step, path_steps
from reconciler.model.errors import Problem

REMOVED: Final = object()
"""What is proposed where a key, or an item, is to go."""


class Renamed(str):
    """What is proposed as the key in place of the last one of the path."""

    __slots__ = ()


def _words(texts: str) -> list[str]:
    return [each.strip("'`") for each in re.split(r",? or |, | and ", texts)]


_FORMS: Final[tuple[tuple[str, Callable[[re.Match[str], Any], Sequence[Any]]], ...]] = (
    (r'Put it in quotes: "(.*)"', lambda found, _: [found[1]]),
    (r"Write one such as (\S+)\.(?: |$)", lambda found, _: [found[1]]),
    (r"Write one with an offset: (\S+)\.$", lambda found, _: [found[1]]),
    (r"Write at (?:least|most) ([0-9.]+)\.$", lambda found, _: [float(found[1]) if "." in found[1] else int(found[1])]),
    (r"Write true or false", lambda _, __: [True, False]),
    (r"\(none at all: \[\]\)", lambda _, __: [[]]),
    (r"or remove the key", lambda _, __: [REMOVED]),
    (r"^Remove them\.", lambda _, old: [old.strip() if isinstance(old, str) else REMOVED]),
    (r"Write a date, a time and an offset: (\S+) or (\S+)\.", lambda found, _: found.groups()),
    (r"Write 8-4-4-4-12 hexadecimal digits: (\S+)\.", lambda found, _: [found[1]]),
    (r"Shorten it to ([0-9]+) characters", lambda found, old: [old[: int(found[1])]]),
    (r"Write postgresql://HOST/DATABASE, sqlite:///PATH or none", lambda _, __: [
        "postgresql://HOST/DATABASE", "sqlite:///PATH", "none"]),
    (r"a whole number and a unit: ([^.]+)", lambda found, _: _words(found[1])),
    (r"(?:Allowed|Declared|There are|It has): ([^.]+(?:\.[^. ][^.]*)*)\.", lambda found, _: _words(found[1])),
    (r"Did you mean (\S+)\?", lambda found, _: [found[1]]),
)  # fmt: skip
_OF_KEYS: Final = (r"Allowed here: ([^.]+)\.", r"Did you mean ([^\s?]+)\?")


def proposals(problem: Problem, written: Any) -> Iterator[Any]:
    """Yield what the remedy proposes to write in place of ``written``."""
    if problem.message == "The key is unknown.":
        for form in _OF_KEYS:
            if found := re.search(form, problem.remedy):
                yield from (Renamed(each) for each in _words(found[1]) if each != "nothing")
        return
    text = f"{problem.message} {problem.remedy}" if not problem.remedy else problem.remedy
    for form, values in _FORMS:
        if found := re.search(form, text):
            yield from values(found, written)


def changed(value: Any, path: str, proposal: Any) -> Any:
    """Return a document with what is proposed at ``path``.

    Raises:
        LookupError: There is no such place in it.
    """
    steps = path_steps(path)
    return _changed(value, steps, proposal)


def at(value: Any, path: str) -> Any:
    """Return what stands at ``path``; None where nothing does."""
    for step in path_steps(path):
        try:
            value = value[_step(value, step)]
        except (LookupError, TypeError, ValueError):
            return None
    return value


def _step(value: Any, step: str) -> Step:
    return int(step) if isinstance(value, list) else step


def _changed(value: Any, steps: Sequence[str], proposal: Any) -> Any:
    if not steps:
        return proposal
    step, inner = _step(value, steps[0]), steps[1:]
    copy: Any = list(value) if isinstance(value, list) else dict(value)
    if inner or not (proposal is REMOVED or isinstance(proposal, Renamed)):
        copy[step] = _changed(value[step], inner, proposal) if inner else proposal
        return copy
    before = copy.pop(step)
    if isinstance(proposal, Renamed):
        copy[str(proposal)] = before
    return copy
