"""Say what loading found: problems for people and programs, or what the manifests hold."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from reconciler.manifest.load import Loaded
from reconciler.model.errors import MAX_SHOWN, Problem


def problems_as_text(problems: Sequence[Problem]) -> str:
    """Return every problem as ``file:line:column: path: message``, its remedy below it, and their number."""
    lines = [line for problem in problems[:MAX_SHOWN] for line in _lines(problem)]
    noun = "problem" if len(problems) == 1 else "problems"
    rest = f" Only the first {MAX_SHOWN} are shown." if len(problems) > MAX_SHOWN else ""
    return "\n".join([*lines, "", f"Invalid: {len(problems)} {noun}.{rest}", ""])


def problems_as_json(problems: Sequence[Problem]) -> str:
    """Return the outcome of a failed validation as JSON: ``valid``, ``problems``; their number if not all are."""
    rest = {"problemsInAll": len(problems)} if len(problems) > MAX_SHOWN else {}
    return _json({"valid": False, **rest, "problems": [asdict(problem) for problem in problems[:MAX_SHOWN]]})


def loaded_as_text(loaded: Loaded) -> str:
    """Return one line that counts what the manifests declare, and one for each file that was passed over."""
    counts = _counts(loaded)
    others = len(loaded.passed_over)
    head = f" {others} other YAML {_noun('file', others)} skipped:" if others else ""
    skipped = "".join([head, *(f"\n  {_visible(str(each))}" for each in loaded.passed_over)])
    things = ", ".join(f"{counts[noun]} {_noun(noun, counts[noun])}" for noun in ("organization", "client", "realm"))
    return f"Valid: {things} in {counts['file']} {_noun('file', counts['file'])}.{skipped}\n"


def loaded_as_json(loaded: Loaded) -> str:
    """Return the outcome of a successful validation as JSON: ``valid``, counts, what was passed over; no problems."""
    others = [asdict(each) for each in loaded.passed_over]
    counts = {_noun(noun, 0): number for noun, number in _counts(loaded).items()}
    return _json({"valid": True, **counts, "skipped": list(loaded.skipped), "passedOver": others, "problems": []})


def _lines(problem: Problem) -> list[str]:
    place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    path = f" {problem.path}:" if problem.path else ""
    remedy = [f"    {problem.remedy}"] if problem.remedy else []
    return [_visible(line) for line in (f"{place}:{path} {problem.message}", *remedy)]


def _visible(line: str) -> str:
    """Escape what a terminal would obey: names of files and keys come from others."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in line)


def _counts(loaded: Loaded) -> dict[str, int]:
    organizations = loaded.desired.organizations
    return {
        "organization": len(organizations),
        "client": sum(len(organization.spec.clients) for organization in organizations),
        "realm": 0 if loaded.desired.realm is None else 1,
        "file": len(loaded.files),
    }


def _noun(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def _json(outcome: object) -> str:
    return json.dumps(outcome, indent=2) + "\n"
