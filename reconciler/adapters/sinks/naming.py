"""Which sink a text means: one of ``reconciler.yaml``, or one that is spelled out."""

import shlex
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from reconciler.model.errors import WrongUsage
from reconciler.model.sinks import Sink

FORMS: Final = "file:PATH, dotenv:PATH, kubernetes:PATH, command:WORDS or github-actions"


def named_sink(text: str, declared: Mapping[str, Sink], folder: Path) -> tuple[Sink, Path]:
    """Return the sink that a text means, and the folder that its paths are relative to: ``folder`` for ``declared``.

    Raises:
        WrongUsage: There is no such sink.
    """
    sort, colon, rest = text.partition(":")
    # First, so that no sink of reconciler.yaml can take the place of one that somebody spelled out.
    if text == "github-actions" or (colon and sort in {"file", "dotenv", "kubernetes", "command"}):
        return _ad_hoc(text, sort, rest), Path()
    if text in declared:
        return declared[text], folder
    close = get_close_matches(text, declared, n=1, cutoff=0.5)
    hint = f"Did you mean {close[0]}? " if close else ""
    known = f"Declared in reconciler.yaml: {', '.join(sorted(declared))}." if declared else "None is declared."
    raise WrongUsage(f"There is no sink '{text}'.", remedy=f"{hint}{known} Or write {FORMS}.")


def _ad_hoc(text: str, sort: str, rest: str) -> Sink:
    try:
        settings: dict[str, Any] = {"run": tuple(shlex.split(rest))} if sort == "command" else {"path": rest}
        said = {"github_actions": {}} if text == "github-actions" else {sort: settings}
        return Sink.model_validate(said)
    except ValidationError as error:
        raise WrongUsage(f"--sink {text}: {error.errors()[0]['msg']}", remedy="See docs/secrets.md.") from error
    except ValueError as error:
        raise WrongUsage(f"--sink {text}: {error}.", remedy="Close the quotes.") from error
