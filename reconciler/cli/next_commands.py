"""The commands that carry a saved plan out, so that they work in this shell as they are printed."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from shlex import join
from typing import Final

import click

from reconciler.adapters.environment import Said
from reconciler.cli.environment import is_said, known_choice, said
from reconciler.model.layout import DEFAULT_OWNER, DEFAULT_REALM
from reconciler.model.plan import Plan
from reconciler.model.url import normalized_url
from reconciler.plan.guards import needed_options

_REPEATED: Final = (
    "override_target", "parallelism", "timeout", "ca_file", "client_cert", "client_key", "allow_http",
)  # fmt: skip
"""Parameters of plan that apply needs as well, where they are given; a URL of the history may hold a secret."""


def commands_for(planfile: Path, plan: Plan) -> tuple[str, str]:
    """Return what to run after ``plan --out``: approve, empty where no policy asks for it, and apply; none denies.

    Approving is for whoever may: it asks, and is no part of what the author of the plan runs.
    """
    context = click.get_current_context()
    choice, found = tuple(_choice(*known_choice(context))), said()
    options = (*choice, *_targets(plan, found), *_repeated(context))
    if not plan.policy_hits:
        return "", _apply(planfile, None, plan, found, options)
    approval = _free(planfile)
    approve = join(("reconciler", "approve", _named(planfile), "--out", _named(approval), *choice))
    return approve, _apply(planfile, approval, plan, found, options)


def command_for_approved(
    planfile: Path, approval: Path, plan: Plan, found: Said, chosen: tuple[Path | None, str | None]
) -> str:
    """Return what to run after ``approve``; ``chosen`` is its ``--config`` and ``--env``."""
    return _apply(planfile, approval, plan, found, (*_choice(*chosen), *_targets(plan, found)))


def _apply(planfile: Path, approval: Path | None, plan: Plan, found: Said, options: tuple[str, ...]) -> str:
    approved = () if approval is None else ("--approval", _named(approval))
    return join(("reconciler", "apply", _named(planfile), *needed_options(plan, found.guards), *approved, *options))


def _repeated(context: click.Context) -> Iterator[str]:
    for parameter in context.command.params:
        name = parameter.name or ""
        if name in _REPEATED and is_said(name):
            yield parameter.opts[-1]
            if not (isinstance(parameter, click.Option) and parameter.is_flag):
                yield str(context.params[name])


def _targets(plan: Plan, found: Said) -> Iterator[str]:
    """Yield the options for what the plan is bound to, where the shell and the settings say anything else.

    What asked no platform is carried out without one, too.
    """
    for option, variable, parameter, value, otherwise in (
        ("--keycloak-url", "KEYCLOAK_URL", "keycloak_url", plan.keycloak_url, ""),
        ("--realm", "NT24_REALM", "realm", plan.realm, DEFAULT_REALM),
        ("--owner", "RECONCILER_OWNER", "owner", plan.owner, DEFAULT_OWNER),
        ("--api-url", "NT24_API_URL", "api_url", plan.api_url, ""),
    ):
        known = [each for each in (os.environ.get(variable), found.defaults.get(parameter)) if each] or [otherwise]
        if value and any(normalized_url(each) != value for each in known):
            yield from (option, value)
    if not plan.asked_effective:
        yield "--no-effective"


def _choice(config: Path | None, name: str | None) -> Iterator[str]:
    """Yield ``--config`` and ``--env``, as far as they are chosen and no variable says the same."""
    if config is not None:
        yield from ("--config", str(config))
    if name and name != os.environ.get("RECONCILER_ENV"):
        yield from ("--env", name)


def _named(path: Path) -> str:
    text = str(path)
    return f"./{text}" if text.startswith("-") else text


def _free(planfile: Path) -> Path:
    """Return a file for the approval that does not exist: approve writes over none."""
    names = (Path(f"{_named(planfile)}{f'-{n}' if n else ''}.approval") for n in count())
    return next(path for path in names if not path.exists())
