"""The outcome of validating manifests, as test results and as SARIF."""

from collections.abc import Iterable, Sequence
from typing import Final

from reconciler.model.address import Address
from reconciler.model.errors import MAX_SHOWN, Problem
from reconciler.model.manifest import DesiredState
from reconciler.model.place import Place
from reconciler.review.junit import Case, CaseResult, Suite, junit_xml
from reconciler.review.sarif import Level, Result, Rule, sarif_json

_TITLE = "reconciler validate"
_INVALID: Final = Rule(
    "manifest-invalid",
    Level.ERROR,
    "The manifest is not valid",
    "Each problem says what to do; `reconciler schema` prints what is allowed.",
    ("manifest",),
)


def problems_junit(problems: Sequence[Problem]) -> str:
    """Return a suite per file, in which every problem is a failure."""
    files: dict[str, list[Case]] = {}
    for problem in _shown(problems):
        files.setdefault(problem.file, []).append(_case(problem))
    return junit_xml(_TITLE, [Suite(file, tuple(cases)) for file, cases in sorted(files.items())])


def valid_junit(desired: DesiredState) -> str:
    """Return a suite per organization, in which every declared resource is a case that passes."""
    return junit_xml(_TITLE, _suites(desired))


def _shown(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the problems; of more than are shown anywhere, the first, and one that says how many there are."""
    if len(problems) <= MAX_SHOWN:
        return tuple(problems)
    rest = f"There are {len(problems)} problems in all. Only the first {MAX_SHOWN} are shown."
    return (*problems[:MAX_SHOWN], Problem(problems[MAX_SHOWN].file, 0, 0, "", rest, "Correct these first."))


def _case(problem: Problem) -> Case:
    name = f"{problem.line}:{problem.column} {problem.path}".strip() if problem.line else problem.path or problem.file
    return Case(
        name, CaseResult.FAILURE, "invalid", problem.message, (f"{problem.spot}: {problem.message}", problem.remedy)
    )


def _suites(desired: DesiredState) -> Iterable[Suite]:
    if desired.realm is not None:
        yield _suite(Address.realm(desired.realm.name))
    for organization in desired.organizations:
        clients = (Address.client(organization.name, client.client_id) for client in organization.spec.clients)
        yield _suite(Address.organization(organization.name), *clients)


def _suite(*addresses: Address) -> Suite:
    return Suite(str(addresses[0]), tuple(Case(str(address)) for address in addresses))


def problems_sarif(problems: Sequence[Problem]) -> str:
    """Return the log, with a result for each problem; none where the manifests are valid."""
    return sarif_json("reconciler/validate", [*map(_result, _shown(problems))])


def _result(problem: Problem) -> Result:
    path = f"{problem.path}: " if problem.path else ""
    return Result(
        rule=_INVALID,
        message=f"{path}{problem.message} {problem.remedy}".strip(),
        place=Place(problem.file, problem.line, problem.column),
        identity=(problem.file, problem.path, problem.message),
    )
