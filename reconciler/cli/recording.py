"""``--record`` and ``--replay``: keep what a run reads, and make the same run again without a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from reconciler.adapters.environment import Said
from reconciler.cli.diagnostics import warn
from reconciler.cli.live import LiveOptions
from reconciler.model.errors import WrongUsage

if TYPE_CHECKING:
    from reconciler.model.recording import Circumstances, Recording

_SAID: Final = {
    "targets": "--target",
    "no_effective": "--no-effective",
    "allow_delete": "--allow-delete",
    "soft_delete": "--soft-delete",
    "allow_takeover": "--allow-takeover",
    "keycloak_url": "--keycloak-url",
    "realm": "--realm",
    "api_url": "--api-url",
    "owner": "--owner",
    "overlays": "--overlays",
    "choice": "--effective",
}
"""Parameters that a recording says, and their options."""
_USELESS: Final = {
    "out": "--out",
    "fix": "--fix",
    "state": "--state",
    "metrics": "--metrics",
    "notify_always": "--notify-always",
    "record": "--record",
}
"""Parameters whose options would write something."""


@dataclass(frozen=True, slots=True)
class Taping:
    """What the options say; at most one of ``record`` and ``replay`` is there."""

    record: Path | None = None
    replay: "Recording | None" = None
    with_manifests: bool = True


def take_taping(context: click.Context, given: dict[str, Any], command: str) -> Taping:
    """Take the options out of a command's keyword arguments.

    Raises:
        WrongUsage: There is no such recording, or options contradict it.
    """
    record: Path | None = given.pop("record")
    replay: Path | None = given.pop("replay")
    if (record or replay) and context.params.get("base") is not None:
        raise WrongUsage("--base does not go with a recording, which holds one revision.", remedy="Leave it out.")
    with_manifests = not given.pop("no_manifests")
    if replay is None:
        if record is not None:
            from reconciler.adapters.checkpoint_file import check_writable

            check_writable(record, "--record")
        elif not with_manifests:
            raise WrongUsage("--no-manifests goes with --record.", remedy="Leave it out.")
        return Taping(record, with_manifests=with_manifests)
    _check_alone(context)
    from reconciler.adapters.recording_file import read_recording

    found = read_recording(replay)
    _check_fits(context, found, command)
    return Taping(replay=found)


def _check_alone(context: click.Context) -> None:
    for name, option in (_SAID | _USELESS).items():
        if name in context.params and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            why = "the recording says it" if name in _SAID else "a replay writes nothing"
            raise WrongUsage(f"{option} does not go with --replay: {why}.", remedy="Leave it out.")


def _check_fits(context: click.Context, found: "Recording", command: str) -> None:
    from reconciler._version import __version__

    then = found.circumstances
    if then.command != command:
        raise WrongUsage(f"This is a recording of {then.command}.", remedy=f"Use {then.command} --replay.")
    named = context.get_parameter_source("files") is ParameterSource.COMMANDLINE
    if then.manifests is None and not named:
        raise WrongUsage("The recording was made without the manifests.", remedy="Name them: -f PATH.")
    if then.manifests is not None and named:
        raise WrongUsage("-f does not go with --replay: the recording holds the manifests.", remedy="Leave it out.")
    if found.version != __version__:
        warn(f"the recording was made by version {found.version}, and this is {__version__}.", "other-version")


def circumstances_of(
    taping: Taping, command: str, options: LiveOptions, said: Said, files: tuple[Path, ...], **more: Any
) -> "Circumstances":
    """Return what the run goes by: what the recording says, or else what the options say."""
    from reconciler.model.expectations import NOTHING_EXPECTED
    from reconciler.model.recording import Circumstances

    if taping.replay is not None:
        return taping.replay.circumstances
    from reconciler.adapters.recording_file import text_files

    keeps = taping.record is not None and taping.with_manifests
    return Circumstances(
        command=command,
        keycloak_url=options.server,
        api_url=(options.api_url or "").rstrip("/"),
        realm=options.realm,
        owner=options.owner,
        environment=said.environment,
        policies=said.policies,
        expected=said.expected or NOTHING_EXPECTED,
        manifests=text_files(files) if keeps else None,
        overlays=text_files((options.overlays,)) if keeps and options.overlays else None,
        **more,
    )


@contextmanager
def taped(taping: Taping, options: LiveOptions, circumstances: "Circumstances") -> Iterator[LiveOptions]:
    """Yield the options of a run that is recorded, replayed, or neither; a recording is saved however it ends."""
    if taping.replay is not None:
        from reconciler.adapters.tape import Player

        then = circumstances
        yield replace(
            options,
            keycloak_url=then.keycloak_url,
            api_url=then.api_url,
            realm=then.realm,
            owner=then.owner,
            tape=Player(taping.replay),
        )
        return
    if taping.record is None:
        yield options
        return
    from reconciler.adapters.recording_file import recorded_to

    with recorded_to(taping.record, circumstances) as tape:
        yield replace(options, tape=tape)
