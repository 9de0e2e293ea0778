"""Say what loading found: problems for people and programs, or what the manifests hold."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from reconciler.manifest.load import Loaded
from reconciler.model.errors import MAX_SHOWN, Problem
from reconciler.model.text import counted, visible


def problems_as_text(problems: Sequence[Problem]) -> str:
    """Return every problem as ``file:line:column: path: message``, its remedy below it, and their number."""
    lines = [line for problem in problems[:MAX_SHOWN] for line in _lines(problem)]
    rest = f" Only the first {MAX_SHOWN} are shown." if len(problems) > MAX_SHOWN else ""
    return "\n".join([*lines, "", f"Invalid: {counted(len(problems), 'problem')}.{rest}", ""])


def problems_as_json(problems: Sequence[Problem]) -> str:
    """Return the outcome of a failed validation as JSON: ``valid``, ``problems``; their number if not all are."""
    rest = {"problemsInAll": len(problems)} if len(problems) > MAX_SHOWN else {}
    return _json({"valid": False, **rest, "problems": [asdict(problem) for problem in problems[:MAX_SHOWN]]})


def loaded_as_text(loaded: Loaded) -> str:
    """Return one line that counts what the manifests declare, and one for each file that was passed over."""
    counts = _counts(loaded)
    others = len(loaded.passed_over)
    head = f" {counted(others, 'other YAML file')} skipped:" if others else ""
    skipped = "".join([head, *(f"\n  {visible(str(each))}" for each in loaded.passed_over)])
    things = ", ".join(counted(counts[noun], noun) for noun in ("organization", "client", "realm"))
    return f"Valid: {things} in {counted(counts['file'], 'file')}.{skipped}\n"


def loaded_as_json(loaded: Loaded) -> str:
    """Return the outcome of a successful validation as JSON: ``valid``, counts, what was passed over; no problems."""
    others = [asdict(each) for each in loaded.passed_over]
    counts = {f"{noun}s": number for noun, number in _counts(loaded).items()}
    return _json({"valid": True, **counts, "skipped": list(loaded.skipped), "passedOver": others, "problems": []})


def _lines(problem: Problem) -> list[str]:
    remedy = [f"    {problem.remedy}"] if problem.remedy else []
    return [visible(line) for line in (f"{problem.place} {problem.message}", *remedy)]


def _counts(loaded: Loaded) -> dict[str, int]:
    organizations = loaded.desired.organizations
    return {
        "organization": len(organizations),
        "client": sum(len(organization.spec.clients) for organization in organizations),
        "realm": 0 if loaded.desired.realm is None else 1,
        "file": len(loaded.files),
    }


def _json(outcome: object) -> str:
    return json.dumps(outcome, indent=2) + "\n"
