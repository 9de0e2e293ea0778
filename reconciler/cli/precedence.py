"""One rule for what says where things go, and who we are: a variable and ``reconciler.yaml`` may not contradict.

Credentials are given by variables, and belong to the systems that variables name; ``reconciler.yaml`` is changed by
whoever may propose a change. So a run is refused where the two name different targets, before anything is sent. An
option on the command line is taken as it is: whoever writes the command line could also write ``--override-target``.
"""

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

import click
from click.core import ParameterSource

from reconciler.adapters.environment import Said
from reconciler.cli import diagnostics
from reconciler.cli.environment import is_said, said
from reconciler.cli.sinks import sink_identity, sink_label
from reconciler.model.errors import WrongUsage
from reconciler.model.url import normalized_url, shown_url


class Target(NamedTuple):
    """One target: the parameter of commands, and where else it is said.

    Values mean the same where their ``identity`` is equal; ``label`` is how one is shown, without a secret.
    """

    parameter: str
    variable: str
    setting: str
    """The path below the environment in ``reconciler.yaml``."""
    identity: Callable[[str], str] = str
    label: Callable[[str], str] = str


def _database(value: str) -> str:
    # A variable may hold a login, whose password may hold anything.
    return normalized_url(re.sub(r"//.*@", "//", value))


TARGETS: Final = (
    Target("keycloak_url", "KEYCLOAK_URL", "keycloak.url", normalized_url, shown_url),
    Target("realm", "NT24_REALM", "keycloak.realm"),
    Target("api_url", "NT24_API_URL", "api.url", normalized_url, shown_url),
    Target("owner", "RECONCILER_OWNER", "owner"),
    Target("history", "RECONCILER_HISTORY", "history", _database, shown_url),
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
    if context.resilient_parsing:
        return
    diagnostics.take_places(partial(_places, context, said()))
    if override:
        return
    if found := [*_differences(context)]:
        raise WrongUsage(
            f"{'; '.join(found)}. Nothing was sent.",
            remedy="Select the intended environment (--env), correct whichever is wrong, or let the variables win "
            "(--override-target).",
        )


def _places(context: click.Context, found: Said) -> dict[str, str]:
    """Return, by the variables, what was read in place of them: the option, or the place in ``reconciler.yaml``."""
    options = {each.name: each.opts[-1] for each in context.command.params}
    places = {}
    for target in TARGETS:
        match context.get_parameter_source(target.parameter):
            case ParameterSource.COMMANDLINE:
                places[target.variable] = options[target.parameter]
            case ParameterSource.DEFAULT_MAP:
                places[target.variable] = found.place(target.setting)
    return places


def _differences(context: click.Context) -> Iterator[str]:
    parameters, found = {parameter.name for parameter in context.command.params}, said()
    for target in TARGETS:
        value, setting = os.environ.get(target.variable), found.defaults.get(target.parameter)
        if target.parameter not in parameters or not value or setting is None or is_said(target.parameter):
            continue
        if target.identity(value) != target.identity(setting):
            place, label = found.place(target.setting), target.label
            yield f"{target.variable} is {label(value)}, but {place} is {label(setting)}"
