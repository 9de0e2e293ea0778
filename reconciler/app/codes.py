"""Explain codes: whatever stands for itself in an output, or in the journal of standard error, and what to do about it.

Texts are those of the one place that says each: the table of findings, the rules of risk, the causes of ``doctor``.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import Final, TypeVar

from reconciler import kinds
from reconciler.app.explain import explained, samples_of
from reconciler.diagnose import membership, problems, reaching, standing, token_causes
from reconciler.kinds.loss import Loss
from reconciler.kinds.registry import KINDS
from reconciler.model.code_words import CAUSES, EVENTS, EXIT_CODES, OPTIONS, RISKS, WORDS
from reconciler.model.diagnosis import Cause
from reconciler.model.errors import WrongUsage
from reconciler.model.explanation import CodeExplanation, KeyExplanation
from reconciler.model.finding_texts import MEANINGS
from reconciler.model.risk import Risk
from reconciler.plan import declared_diff, settings_changes
from reconciler.plan import drift as of_drift
from reconciler.plan import risk as of_plans

_T = TypeVar("_T")
_RISK_REMEDY: Final = (
    "If it is meant, apply, or have it approved; otherwise change the manifest. In a report of drift: declare it, or "
    "revert it (drift --fix). Policies of reconciler.yaml stop what is too risky (docs/policies.md)."
)
_CAUSE_REMEDY: Final = "reconciler doctor says what to do for the client at hand."


@cache
def every_code() -> tuple[CodeExplanation, ...]:
    """Return every code, sorted; one that several outputs use stands there once for each."""
    return tuple(sorted((*_findings(), *_risks(), *_causes(), *_words()), key=lambda each: (each.code, each.kind)))


def explained_code(code: str) -> tuple[CodeExplanation, ...]:
    """Return what a code means; empty where it is none."""
    wanted = code.strip().strip("[]-").lower()
    return tuple(each for each in every_code() if each.code.lower().strip("-") == wanted)


def explained_name(name: str) -> tuple[KeyExplanation | None, tuple[CodeExplanation, ...]]:
    """Return what a name means as a key, and as a code.

    Raises:
        WrongUsage: It is neither; it says what is close.
    """
    codes = explained_code(name)
    try:
        return explained(name, (each.code for each in every_code())), codes
    except WrongUsage:
        if not codes:
            raise
        return None, codes


def _findings() -> Iterator[CodeExplanation]:
    for code, (severity, what, remedy) in MEANINGS.items():
        yield CodeExplanation(str(code), f"finding ({severity})".replace("`", ""), _sentence(what), _sentence(remedy))


def _risks() -> Iterator[CodeExplanation]:
    found: dict[str, list[Risk]] = {}
    for risk in (*_of_fields(), *_of_modules(), *settings_changes.RISKS):
        found.setdefault(risk.code, []).append(risk)
    found |= {code: [Risk(level, code, why)] for code, (level, why) in RISKS.items()}
    for code, risks in found.items():
        ordered = sorted(dict.fromkeys(risks), key=lambda risk: (-risk.level.rank, risk.why))
        if code:
            levels = ", ".join(dict.fromkeys(each.level for each in ordered))
            why = " Or: ".join(dict.fromkeys(each.why for each in ordered))
            yield CodeExplanation(code, f"risk ({levels})", why, _RISK_REMEDY)


def _of_fields() -> Iterator[Risk]:
    for kind in KINDS.values():
        yield from kind.action_risks.values()
        for row in kind.fields.rows:
            yield from (each for rule in (row.risk, row.event) if rule for each in samples_of(rule))
            yield from (row.loss.risk,) if row.loss else ()


def _of_modules() -> Iterator[Risk]:
    of_kinds = [import_module(each.name) for each in walk_packages(kinds.__path__, f"{kinds.__name__}.")]
    modules = (*of_kinds, declared_diff, of_drift, of_plans)
    yield from _constants(Risk, modules)
    yield from (each.risk for each in _constants(Loss, modules))
    for rules in (of_plans.ACTIONS.values(), *map(samples_of, of_plans.FIELDS.values())):
        yield from rules


def _causes() -> Iterator[CodeExplanation]:
    known = {each.code: each for each in _constants(Cause, (membership, problems, standing, token_causes, reaching))}
    known |= {each.code: each for causes in problems.PROBLEMS.values() for each in causes}
    for cause in known.values():
        yield CodeExplanation(cause.code, "cause that doctor names", cause.what, cause.remedy)
    for failure, (what, remedy) in reaching.CAUSES.items():
        facts = {"host": "the server", "system": "the server", "variable": "KEYCLOAK_URL or NT24_API_URL"}
        said = _sentence(what.format(**facts))
        yield CodeExplanation(str(failure), "cause that doctor names", said, remedy.format(**facts))
    for code, what in CAUSES.items():
        yield CodeExplanation(code, "cause that doctor names", what, _CAUSE_REMEDY)


def _words() -> Iterator[CodeExplanation]:
    for title, words in WORDS.items():
        yield from _of(title, words)
    yield from _of("exit code", {str(int(code)): text for code, text in EXIT_CODES.items()})
    yield from _of("option that a guard asks for", OPTIONS)
    yield from _of("event of --log-format json", EVENTS)


def _of(title: str, words: Mapping[str, tuple[str, str]]) -> Iterator[CodeExplanation]:
    yield from (CodeExplanation(str(code), title, what, remedy) for code, (what, remedy) in words.items())


def _constants(of: type[_T], modules: Iterable[ModuleType]) -> Iterator[_T]:
    """Yield the constants of a type: each is named where it is used, and says what it means where it is made."""
    yield from (value for module in modules for value in vars(module).values() if isinstance(value, of))


def _sentence(text: str) -> str:
    plain = text.replace("`", "")
    return plain[:1].upper() + plain[1:] + ("" if plain.endswith((".", "!")) else ".")
