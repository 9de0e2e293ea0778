"""Choose the sink: by ``--sink``, or as the environment of ``reconciler.yaml`` says."""

import shlex
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from reconciler.cli.environment import said_for
from reconciler.model.errors import WrongUsage

if TYPE_CHECKING:
    from reconciler.model.sinks import Sink
    from reconciler.ports import SecretSink

_FORMS: Final = "file:PATH, dotenv:PATH, kubernetes:PATH, command:WORDS or github-actions"


def chosen_sink(context: click.Context, text: str | None) -> "SecretSink | None":
    """Return the sink that ``--sink`` or the environment names, or None where neither does.

    Raises:
        WrongUsage: There is no such sink.
    """
    if not text:
        return None
    from reconciler.adapters.sinks.opening import open_sink

    # Variables that hold the URLs of notifications are secrets that no sink needs.
    whole = said_for(context).whole
    return open_sink(
        *_described(context, text), frozenset(each.url_from for each in whole.notifications) if whole else ()
    )


def sink_identity(context: click.Context, text: str) -> str:
    """Return what two texts share that mean the same sink; a text that means none stands for itself."""
    try:
        sink, folder = _described(context, text)
    except WrongUsage:
        return text
    return f"{folder.resolve()} {sink.model_dump_json()}"


def sink_label(_: click.Context, text: str) -> str:
    """Return a sink for people: its name, or the kind and first word of it, because a command may hold a secret."""
    first, space, _rest = text.partition(" ")
    return f"{first} …" if space else first


def _described(context: click.Context, text: str) -> tuple["Sink", Path]:
    """Return the sink that a text means, and the folder that its paths are relative to.

    Raises:
        WrongUsage: There is no such sink.
    """
    sort, colon, rest = text.partition(":")
    # First, so that no sink of reconciler.yaml can take the place of one that somebody spelled out.
    if text == "github-actions" or (colon and sort in {"file", "dotenv", "kubernetes", "command"}):
        return _ad_hoc(text, sort, rest), Path()
    declared, folder = said_for(context).sinks, said_for(context).folder
    if text in declared:
        return declared[text], folder
    close = get_close_matches(text, declared, n=1, cutoff=0.5)
    hint = f"Did you mean {close[0]}? " if close else ""
    known = f"Declared in reconciler.yaml: {', '.join(sorted(declared))}." if declared else "None is declared."
    raise WrongUsage(f"There is no sink '{text}'.", remedy=f"{hint}{known} Or write {_FORMS}.")


def needed_sink(context: click.Context, text: str | None) -> "SecretSink":
    """Return the sink.

    Raises:
        WrongUsage: There is none.
    """
    found = chosen_sink(context, text)
    if found is None:
        raise WrongUsage(
            "Nothing says where the secret goes.",
            remedy=f"Name a sink: --sink, with {_FORMS}; or declare sinks in reconciler.yaml.",
        )
    return found


def _ad_hoc(text: str, sort: str, rest: str) -> "Sink":
    from pydantic import ValidationError

    from reconciler.model.sinks import Sink

    try:
        settings: dict[str, Any] = {"run": tuple(shlex.split(rest))} if sort == "command" else {"path": rest}
        said = {"github_actions": {}} if text == "github-actions" else {sort: settings}
        return Sink.model_validate(said)
    except ValidationError as error:
        raise WrongUsage(f"--sink {text}: {error.errors()[0]['msg']}", remedy="See docs/secrets.md.") from error
    except ValueError as error:
        raise WrongUsage(f"--sink {text}: {error}.", remedy="Close the quotes.") from error
