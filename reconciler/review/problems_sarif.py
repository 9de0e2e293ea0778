"""The outcome of validating manifests as SARIF."""

from collections.abc import Sequence
from typing import Final

from reconciler.model.errors import Problem
from reconciler.model.place import Place
from reconciler.review.sarif import Level, Result, Rule, sarif_json

_INVALID: Final = Rule(
    "manifest-invalid",
    Level.ERROR,
    "The manifest is not valid",
    "Each problem says what to do; `reconciler schema` prints what is allowed.",
    ("manifest",),
)


def problems_sarif(problems: Sequence[Problem]) -> str:
    """Return the log, with a result for each problem; none where the manifests are valid."""
    return sarif_json("reconciler/validate", [_result(problem) for problem in problems])


def _result(problem: Problem) -> Result:
    path = f"{problem.path}: " if problem.path else ""
    return Result(
        rule=_INVALID,
        message=f"{path}{problem.message} {problem.remedy}".strip(),
        place=Place(problem.file, problem.line, problem.column),
        identity=(problem.file, problem.path, problem.message),
    )
