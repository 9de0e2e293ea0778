"""``--record`` and ``--replay``: keep what a run reads, and make the same run again without a server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from reconciler.adapters.environment import Said
from reconciler.cli.diagnostics import warn
from reconciler.cli.environment import is_said
from reconciler.cli.live import LiveOptions
from reconciler.model.address import Address
from reconciler.model.errors import WrongUsage

if TYPE_CHECKING:
    from reconciler.model.recording import Circumstances, Recording

_SAID: Final = frozenset({
    "targets", "exclude", "destroy", "expired", "no_effective", "allow_delete", "soft_delete", "allow_takeover",
    "keycloak_url", "realm", "api_url", "owner", "overlays", "choice",
})  # fmt: skip
"""Parameters that a recording says."""
_USELESS: Final = frozenset({"out", "fix", "state", "metrics", "notify_always", "record"})
"""Parameters by which something would be written."""


def refuse_given(names: frozenset[str], beside: str, why: str, remedy: str = "Leave it out.") -> None:
    """Refuse options beside what makes them void; ``remedy`` may name the ``{option}``.

    Raises:
        WrongUsage: The command line gives one of these parameters.
    """
    for parameter in click.get_current_context().command.params:
        if parameter.name in names and is_said(parameter.name):
            option = parameter.opts[0]
            raise WrongUsage(f"{option} cannot be combined with {beside}: {why}.", remedy=remedy.format(option=option))


@dataclass(frozen=True, slots=True)
class Taping:
    """What the options say; at most one of ``record`` and ``replay`` is there."""

    record: Path | None = None
    replay: "Recording | None" = None
    with_manifests: bool = True


def taping_of(record: Path | None, no_manifests: bool, replay: Path | None) -> Taping:
    """Return what the options say.

    Raises:
        WrongUsage: There is no such recording, or options contradict it.
    """
    context = click.get_current_context()
    if (record or replay) and context.params.get("base") is not None:
        raise WrongUsage(
            "--base cannot be combined with a recording, which holds one revision.", remedy="Leave it out."
        )
    if replay is not None:
        refuse_given(_SAID, "--replay", "the recording says it")
        refuse_given(_USELESS, "--replay", "a replay writes nothing")
        from reconciler.adapters.recording_file import read_recording

        found = read_recording(replay)
        _check_fits(context, found)
        return Taping(replay=found)
    if record is not None:
        from reconciler.adapters.checkpoint_file import check_writable

        check_writable(record, "--record")
    elif no_manifests:
        raise WrongUsage("--no-manifests needs --record.", remedy="Leave it out.")
    return Taping(record, with_manifests=not no_manifests)


def _check_fits(context: click.Context, found: "Recording") -> None:
    from reconciler._version import __version__

    then = found.circumstances
    if then.command != context.command.name:
        raise WrongUsage(f"This is a recording of {then.command}.", remedy=f"Use {then.command} --replay.")
    named = is_said("files")
    if then.manifests is None and not named:
        raise WrongUsage("The recording was made without the manifests.", remedy="Name them: -f PATH.")
    if then.manifests is not None and named:
        raise WrongUsage(
            "-f cannot be combined with --replay: the recording holds the manifests.", remedy="Leave it out."
        )
    if found.version != __version__:
        warn(f"the recording was made by version {found.version}, and this is {__version__}.", "other-version")


def circumstances_of(
    taping: Taping, options: LiveOptions, files: tuple[Path, ...], targets: tuple[Address, ...],
    exclude: tuple[Address, ...], **more: Any,
) -> "Circumstances":  # fmt: skip
    """Return what the run goes by: what the recording says, or else what the options say."""
    from reconciler.adapters.login_variables import login_name
    from reconciler.model.expectations import NOTHING_EXPECTED
    from reconciler.model.recording import Circumstances

    if taping.replay is not None:
        return taping.replay.circumstances
    from reconciler.adapters.recording_file import text_files

    keeps = taping.record is not None and taping.with_manifests
    return Circumstances(
        command=click.get_current_context().command.name or "",
        keycloak_url=options.server,
        api_url=(options.api_url or "").rstrip("/"),
        realm=options.realm,
        owner=options.owner,
        environment=options.said.environment,
        login=login_name(os.environ),
        policies=options.said.policies,
        expected=options.said.expected or NOTHING_EXPECTED,
        manifests=text_files(files) if keeps else None,
        overlays=text_files((options.overlays,)) if keeps and options.overlays else None,
        targets=tuple(map(str, targets)),
        exclude=tuple(map(str, exclude)),
        revision=options.revision_of(files),
        **more,
    )


@contextmanager
def taped(taping: Taping, options: LiveOptions, then: "Circumstances") -> Iterator[LiveOptions]:
    """Yield the options of a run that is recorded, replayed, or neither; a recording is saved however it ends."""
    if taping.replay is not None:
        from reconciler.adapters.tape import Player

        yield replace(
            options,
            keycloak_url=then.keycloak_url,
            api_url=then.api_url,
            realm=then.realm,
            owner=then.owner,
            said=Said(then.environment, policies=then.policies, expected=then.expected),
            tape=Player(taping.replay),
        )
    elif taping.record is not None:
        from reconciler.adapters.recording_file import recorded_to

        with recorded_to(taping.record, then) as tape:
            yield replace(options, tape=tape)
    else:
        yield options
