"""One rule for what says where things go, and who we are: a variable and ``reconciler.yaml`` may not contradict.

Credentials are given by variables, and belong to the systems that variables name; ``reconciler.yaml`` is changed by
whoever may propose a change. So a run is refused where the two name different targets, before anything is sent. An
option on the command line is taken as it is: whoever writes the command line could also write ``--override-target``.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import click
from click.core import ParameterSource

from reconciler.adapters.environment import Said
from reconciler.cli.environment import said_for
from reconciler.cli.sinks import sink_identity, sink_label
from reconciler.model.errors import WrongUsage
from reconciler.model.url import normalized_url, shown_url

_Reading = Callable[[click.Context, str], str]


@dataclass(frozen=True, slots=True)
class Target:
    """One target: the parameter of commands, and where else it is said.

    Values mean the same where their ``identity`` is equal; ``label`` is how one is shown, without a secret.
    """

    parameter: str
    variable: str
    setting: str
    """The path below the environment in ``reconciler.yaml``."""
    identity: _Reading = lambda _, value: value
    label: _Reading = lambda _, value: value


def _url(_: click.Context, value: str) -> str:
    return normalized_url(value)


def _database(_: click.Context, value: str) -> str:
    # A variable may hold a login, whose password may hold anything.
    return normalized_url(re.sub(r"//.*@", "//", value))


def _shown(_: click.Context, value: str) -> str:
    return shown_url(value)


TARGETS: Final = (
    Target("keycloak_url", "KEYCLOAK_URL", "keycloak.url", _url, _shown),
    Target("realm", "NT24_REALM", "keycloak.realm"),
    Target("api_url", "NT24_API_URL", "api.url", _url, _shown),
    Target("owner", "RECONCILER_OWNER", "owner"),
    Target("history", "RECONCILER_HISTORY", "history", _database, _shown),
    Target("sink", "RECONCILER_SINK", "sink", sink_identity, sink_label),
)
"""What both a variable and an environment of ``reconciler.yaml`` can say."""


def check_targets(context: click.Context, _: click.Parameter, override: bool) -> None:
    """Refuse a run whose variables and ``reconciler.yaml`` name different targets.

    It is the callback of ``--override-target``. Click handles what the command line says before what it does not, so
    that by now it is known which targets are options.

    Raises:
        WrongUsage: They do; it names each of them, both values, and where they come from.
    """
    if override or context.resilient_parsing:
        return
    said = said_for(context)
    if found := [*_differences(context, said)]:
        raise WrongUsage(
            f"{'; '.join(found)}. Nothing was sent.",
            remedy="Choose the environment that is meant (--env), correct whichever is wrong, or let the variables win "
            "(--override-target).",
        )


def _differences(context: click.Context, said: Said) -> Iterator[str]:
    parameters = {parameter.name for parameter in context.command.params}
    for target in TARGETS:
        value, setting = os.environ.get(target.variable), said.defaults.get(target.parameter)
        if target.parameter not in parameters or not value or setting is None:
            continue
        if context.get_parameter_source(target.parameter) is ParameterSource.COMMANDLINE:
            continue
        if target.identity(context, value) != target.identity(context, setting):
            yield (
                f"{target.variable} is {target.label(context, value)}, but {said.place(target.setting)} is "
                f"{target.label(context, setting)}"
            )
