"""The commands that carry a saved plan out, so that they work in this shell as they are printed."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from shlex import join
from typing import Final

import click
from click.core import ParameterSource

from reconciler.adapters.environment import Said
from reconciler.cli.environment import known_choice
from reconciler.model.layout import DEFAULT_OWNER, DEFAULT_REALM
from reconciler.model.plan import Plan
from reconciler.model.url import normalized_url
from reconciler.plan.guards import needed_options

_REPEATED: Final = (
    "override_target", "parallelism", "timeout", "ca_file", "client_cert", "client_key", "allow_http",
)  # fmt: skip
"""Parameters of plan that apply needs as well, where they are given; a URL of the history may hold a secret."""


def commands_for(context: click.Context, planfile: Path, plan: Plan, said: Said) -> tuple[str, str]:
    """Return what to run after ``plan --out``: approve, empty where no policy asks for it, and apply; none denies.

    Approving is for whoever may: it asks, and is no part of what the author of the plan runs.
    """
    choice, file = tuple(_choice(*known_choice(context))), _named(planfile)
    options = (*choice, *_connection(context, plan, said))
    if not plan.policy_hits:
        return "", join(("reconciler", "apply", file, *needed_options(plan, said.guards), *options))
    approval = _free(planfile)
    approve = join(("reconciler", "approve", file, "--out", approval, *choice))
    apply = join(("reconciler", "apply", file, *needed_options(plan, said.guards), "--approval", approval, *options))
    return approve, apply


def command_for_approved(
    planfile: Path, approval: Path, plan: Plan, said: Said, chosen: tuple[Path | None, str | None]
) -> str:
    """Return what to run after ``approve``; ``chosen`` is its ``--config`` and ``--env``."""
    options = (
        *needed_options(plan, said.guards),
        "--approval",
        _named(approval),
        *_choice(*chosen),
        *_targets(plan, said),
    )
    return join(("reconciler", "apply", _named(planfile), *options))


def _connection(context: click.Context, plan: Plan, said: Said) -> Iterator[str]:
    yield from _targets(plan, said)
    for parameter in context.command.params:
        name = parameter.name or ""
        if name in _REPEATED and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            yield parameter.opts[-1]
            if not (isinstance(parameter, click.Option) and parameter.is_flag):
                yield str(context.params[name])


def _targets(plan: Plan, said: Said) -> Iterator[str]:
    """Yield the options for what the plan is bound to, where the shell and the settings say anything else.

    What asked no platform is carried out without one, too.
    """
    for option, variable, parameter, value, otherwise in (
        ("--keycloak-url", "KEYCLOAK_URL", "keycloak_url", plan.keycloak_url, ""),
        ("--realm", "NT24_REALM", "realm", plan.realm, DEFAULT_REALM),
        ("--owner", "RECONCILER_OWNER", "owner", plan.owner, DEFAULT_OWNER),
        ("--api-url", "NT24_API_URL", "api_url", plan.api_url, ""),
    ):
        known = [each for each in (os.environ.get(variable), said.defaults.get(parameter)) if each] or [otherwise]
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


def _free(planfile: Path) -> str:
    """Return the name of a file for the approval that does not exist: approve writes over none."""
    names = (f"{_named(planfile)}{f'-{n}' if n else ''}.approval" for n in count())
    return next(name for name in names if not Path(name).exists())
