"""Choose the sink: by ``--sink``, or as the environment of ``reconciler.yaml`` says."""

from typing import TYPE_CHECKING

from reconciler.cli.environment import said
from reconciler.model.errors import WrongUsage

if TYPE_CHECKING:
    from reconciler.ports import SecretSink


def chosen_sink(text: str | None) -> "SecretSink | None":
    """Return the sink that ``--sink`` or the environment names, or None where neither does.

    Raises:
        WrongUsage: There is no such sink.
    """
    if not text:
        return None
    from reconciler.adapters.sinks.naming import named_sink
    from reconciler.adapters.sinks.opening import open_sink

    found = said()
    # Variables that hold the URLs of notifications are secrets that no sink needs.
    withheld = frozenset(each.url_from for each in found.whole.notifications) if found.whole else frozenset()
    return open_sink(*named_sink(text, found.sinks, found.folder), withheld)


def needed_sink(text: str | None) -> "SecretSink":
    """Return the sink.

    Raises:
        WrongUsage: There is none.
    """
    from reconciler.adapters.sinks.naming import FORMS

    if (found := chosen_sink(text)) is None:
        raise WrongUsage(
            "No sink is named for the secret.",
            remedy=f"Name a sink: --sink, with {FORMS}; or declare sinks in reconciler.yaml.",
        )
    return found


def sink_identity(text: str) -> str:
    """Return what two texts share that mean the same sink; a text that means none stands for itself."""
    from reconciler.adapters.sinks.naming import named_sink

    try:
        sink, folder = named_sink(text, said().sinks, said().folder)
    except WrongUsage:
        return text
    return f"{folder.resolve()} {sink.model_dump_json()}"


def sink_label(text: str) -> str:
    """Return a sink for people: its name, or the kind and first word of it, because a command may hold a secret."""
    first, space, _rest = text.partition(" ")
    return f"{first} …" if space else first
