"""What goes to standard error: lines for people, or one JSON object a line; all of it through Python's ``logging``.

This is the one place that sets logging up. Commands call :func:`say` and its siblings; adapters, which must not know
the command line, use loggers below ``reconciler`` and give ``extra={"event": …, "fields": {…}}``. Other programs'
loggers are heard from warnings on: httpx tells whole URLs, and some of them are secrets.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import takewhile, zip_longest
from typing import TYPE_CHECKING, Any, Final

import click

from reconciler.model.errors import MAX_SHOWN, ManifestError, PolicyRefused, ReconcilerError
from reconciler.model.user_folders import current_folder

if TYPE_CHECKING:
    import logging

OPTION: Final = "--log-format"
VARIABLE: Final = "RECONCILER_LOG_FORMAT"
OURS: Final = "reconciler"
_TRACE: Final = 5
"""Below DEBUG: each attempt of a request, and its query."""
_LEVELS: Final = (20, 10, _TRACE)
"""Of the loggers below ``reconciler``, by how often -v was given."""


class LogFormat(StrEnum):
    """How diagnostics are written."""

    TEXT = "text"
    JSON = "json"


def _to_stderr(line: str) -> None:
    click.echo(line, err=True, color=_OUTPUT.color)


@dataclass(slots=True)
class _Output:
    """In which form lines are written, and where they go."""

    form: LogFormat = LogFormat.TEXT
    write: Callable[[str], None] = _to_stderr
    color: bool | None = None
    """False for none; None to decide by where it goes."""
    places: Callable[[], Mapping[str, str]] = dict
    """Return where the run has its targets from, by the variables that could say them, too."""


_OUTPUT: Final = _Output()


def expect(arguments: Sequence[str], variables: Mapping[str, str]) -> None:
    """Take the form from the command line before it is parsed, so that an error of parsing has it already."""
    given = [*takewhile(lambda each: each != "--", arguments)]
    said = variables.get(VARIABLE, "")
    for option, following in zip_longest(given, given[1:], fillvalue=""):
        name, equals, value = option.partition("=")
        if name == OPTION:
            said = value if equals else following
    _OUTPUT.places = dict
    _OUTPUT.color = False if variables.get("NO_COLOR") or "--no-color" in arguments else None
    _OUTPUT.form = LogFormat.JSON if said.lower() == LogFormat.JSON else LogFormat.TEXT


def set_up(form: str, verbosity: int = 0) -> None:
    """Set logging up: in which form, and how much; -v is 1, -vv is 2."""
    import logging

    _OUTPUT.form = LogFormat(form)
    logging.addLevelName(_TRACE, "TRACE")
    logging.captureWarnings(is_json())
    root = logging.getLogger()
    for handler in [each for each in root.handlers if each.get_name() == OURS]:
        root.removeHandler(handler)
    root.addHandler(_handler())
    logging.getLogger(OURS).setLevel(_LEVELS[min(verbosity, len(_LEVELS) - 1)])


def is_json() -> bool:
    """Tell whether standard error is for machines."""
    return _OUTPUT.form is LogFormat.JSON


def color() -> bool | None:
    """Return what ``click.echo`` wants for standard error: False for no colours, None to decide by the terminal."""
    return _OUTPUT.color


@contextmanager
def through(write: Callable[[str], None]) -> Iterator[None]:
    """Write lines by ``write``, while something else has the terminal."""
    before, _OUTPUT.write = _OUTPUT.write, write
    try:
        yield
    finally:
        _OUTPUT.write = before


def say(text: str, event: str, *, styled: bool = False, **fields: object) -> None:
    """Say something that people always see; what is ``styled`` is fit for a terminal already."""
    _log(20, text, event, fields=fields, shown=text if styled else None)


def tell(text: str, event: str, **fields: object) -> None:
    """Say something that only -v shows."""
    _log(10, text, event, fields=fields)


def warn(text: str, event: str, *, remedy: str = "", **fields: object) -> None:
    """Say something that should be looked at; the run goes on."""
    _log(30, text, event, remedy=remedy, fields=fields)


def take_places(places: Callable[[], Mapping[str, str]]) -> None:
    """Take what returns where the run has its targets from, by the variables that could say them, too."""
    _OUTPUT.places = places


def placed(text: str) -> str:
    """Return a text with the option, or the place in ``reconciler.yaml``, that was read in place of a variable."""
    places = _OUTPUT.places()
    return re.sub(r"\b[A-Z][A-Z0-9_]+\b", lambda found: places.get(found[0], found[0]), text)


def report(error: ReconcilerError) -> None:
    """Say what went wrong, and what to do."""
    fields: dict[str, object] = {}
    if isinstance(error, ManifestError):
        fields["problems"] = [asdict(problem) for problem in error.problems[:MAX_SHOWN]]
        if len(error.problems) > MAX_SHOWN:
            fields["problems_in_all"] = len(error.problems)
    if isinstance(error, PolicyRefused):
        fields["policies"] = sorted({hit.policy for hit in error.hits})
    message, remedy = placed(error.message), placed(error.remedy)
    _fail(message, type(error).__name__, error.exit_code, remedy, error_text(error), **fields)


def report_usage(error: click.ClickException, exit_code: int) -> None:
    """Say what click found wrong with the command line."""
    if not is_json():
        error.show()
        return
    context = error.ctx if isinstance(error, click.UsageError) else None
    remedy = f"See '{context.command_path} --help'." if context else ""
    _fail(error.format_message(), "WrongUsage", exit_code, remedy)


def report_lost(why: str, exit_code: int) -> None:
    """Say that standard output is not all there."""
    remedy = "Everything else was done. Redirect the output to a place that can be written, and run it again."
    error = ReconcilerError(f"Standard output could not be written: {why}.", remedy=remedy)
    _fail(error.message, "OutputLost", exit_code, remedy, error_text(error))


def report_system(error: OSError, exit_code: int) -> None:
    """Say what the machine refuses: a full disk, a folder that went away, a limit; nobody's bug."""
    if current_folder() is None and not error.filename:
        report(ReconcilerError("The current folder was deleted.", remedy="Go to one that exists."))
        return
    where = f"{error.filename}: " if error.filename else ""
    text = f"The system refuses: {where}{(error.strerror or str(error)).lower()}."
    _fail_unforeseen(error, text, exit_code, "Check disk, permissions and limits; RECONCILER_DEBUG=1 shows where.")


def report_bug(error: Exception, exit_code: int) -> None:
    """Say that the program itself is wrong."""
    text = f"Internal error ({type(error).__name__}): {error}"
    _fail_unforeseen(error, text, exit_code, "Please report it, with RECONCILER_DEBUG=1 set.")


def _fail_unforeseen(error: Exception, text: str, exit_code: int, remedy: str) -> None:
    """Say what no code expected; the traceback is for those who set RECONCILER_DEBUG."""
    from traceback import format_exception

    from reconciler.adapters.redaction import redacted

    traceback = redacted("".join(format_exception(error)))
    if os.environ.get("RECONCILER_DEBUG") and not is_json():
        click.echo(traceback, nl=False, err=True)
        return
    fields = {"traceback": traceback} if os.environ.get("RECONCILER_DEBUG") else {}
    told = ReconcilerError(redacted(text), remedy=remedy)
    _fail(told.message, type(error).__name__, exit_code, remedy, error_text(told), **fields)


def _fail(text: str, error: str, exit_code: int, remedy: str, shown: str | None = None, **fields: object) -> None:
    _log(40, text, "error", remedy=remedy, fields={"error": error, "exit_code": int(exit_code), **fields}, shown=shown)


def error_text(error: ReconcilerError) -> str:
    """Return an error for people: what happened, and what to do."""
    if isinstance(error, ManifestError):
        from reconciler.manifest.report import problems_as_text

        return problems_as_text(error.problems).rstrip("\n")
    if isinstance(error, PolicyRefused):
        from reconciler.review.policy_text import refusal_text

        return refusal_text(error)
    from reconciler.model.text import visible

    head = click.style("Error:", fg="red", bold=True)
    return f"{head} {visible(placed(error.message))}" + (f"\n  {visible(placed(error.remedy))}" if error.remedy else "")


def _log(
    level: int, text: str, event: str, *, remedy: str = "", fields: Mapping[str, object], shown: str | None = None
) -> None:
    import logging

    if not any(handler.get_name() == OURS for handler in logging.getLogger().handlers):
        set_up(_OUTPUT.form)
    extra = {"event": event, "fields": fields, "remedy": remedy, "shown": shown}
    logging.getLogger(OURS).log(level, "%s", text, extra=extra)


def _handler() -> "logging.Handler":
    import logging

    class Handler(logging.Handler):
        """Write each record where standard error goes at that moment."""

        def emit(self, record: logging.LogRecord) -> None:
            _OUTPUT.write(_json_line(record) if is_json() else _text(record))

    handler = Handler()
    handler.set_name(OURS)
    return handler


def _text(record: "logging.LogRecord") -> str:
    shown: str | None = getattr(record, "shown", None)
    if shown is not None:
        return shown
    from reconciler.model.text import visible

    head = f"{click.style('Warning:', fg='yellow', bold=True)} " if record.levelname == "WARNING" else ""
    remedy = getattr(record, "remedy", "")
    lines = "\n".join(map(visible, record.getMessage().split("\n")))
    return head + lines + (f"\n  {visible(remedy)}" if remedy else "")


def _json_line(record: "logging.LogRecord") -> str:
    import json
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    remedy = getattr(record, "remedy", "")
    line: dict[str, Any] = {
        "time": at,
        "level": record.levelname.lower(),
        "event": getattr(record, "event", record.name),
        "message": click.unstyle(record.getMessage()).strip(),
        **({"remedy": remedy} if remedy else {}),
        **getattr(record, "fields", {}),
    }
    return json.dumps(line, ensure_ascii=False, default=str)
