"""The text of a saved plan, back to the plan: strict, and with a word for everything that can be wrong with it."""

import json
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from reconciler._version import __version__
from reconciler.model.errors import WrongUsage
from reconciler.model.plan import Plan
from reconciler.review.plan_document import FORMAT_VERSION, PLAN, PlanDocument
from reconciler.review.plan_json import KINDS, checksum, fingerprint, plan_document
from reconciler.review.subject import Subject

_AGAIN: Final = "Run plan --out again."
_SUBJECTS: Final[dict[str, Subject]] = {kind: subject for subject, kind in KINDS.items()}
_HEAD: Final = f'{{"kind":"{PLAN}"'


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan as it was saved; ``made_by`` is the version of the program that made it.

    ``fingerprint`` is that of the document: what an approval is bound to. ``source`` is the file's name.
    """

    plan: Plan
    made_by: str
    fingerprint: str
    source: str = ""


def parse_plan(text: str, source: str) -> SavedPlan:
    """Return the plan that was saved as ``text``; ``source`` is the file's name, for messages.

    The checksum finds damage. Whoever edits the file can make a new one: so what it says twice must agree, and
    ``reconciler.plan.saved.what_does_not_follow`` asks whether what would be written follows from what is shown.

    Raises:
        WrongUsage: It is no plan, is damaged, was edited, or has another version of the format.
    """
    saved, subject = parse_review(text, source)
    if subject is not Subject.PLAN:
        raise WrongUsage(
            f"{source} is a report of {subject}, not a plan.", remedy=f"Run plan --out {source}, then this."
        )
    return saved


def parse_review(text: str, source: str) -> tuple[SavedPlan, Subject]:
    """Return the plan, or the report of drift or diff, that was saved as ``text``.

    Raises:
        WrongUsage: It is neither, is damaged, was edited, or has another version of the format.
    """
    content = _content(text, source)
    subject = _SUBJECTS.get(str(content.get("kind")))
    if subject is None:
        raise _no_plan(source)
    if content.get("format_version") != FORMAT_VERSION:
        made_by = content.get("reconciler_version", "an unknown version")
        raise WrongUsage(
            f"{source} has version {content.get('format_version')} of the plan's format (made by reconciler "
            f"{made_by}); this program reads {FORMAT_VERSION}.",
            remedy=f"{_AGAIN.removesuffix('.')} with this version of the program.",
        )
    if content.get("checksum") != checksum(content):
        raise edited(source, "its checksum does not fit", or_="or damaged ")
    try:
        document = PlanDocument.model_validate_json(text)
        saved = SavedPlan(document.plan(), document.reconciler_version, document.fingerprint, source)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise WrongUsage(f"{source} does not hold a plan's content: {place}: {first['msg']}.", remedy=_AGAIN) from error
    if saved.fingerprint != fingerprint(content):
        raise edited(source, "its fingerprint does not fit")
    if saved.made_by == __version__ and plan_document(saved.plan, kind=document.kind) != content:
        raise edited(source, "what it says twice does not agree")
    return saved, subject


def edited(source: str, how: str, *, or_: str = "") -> WrongUsage:
    """Return the error for a plan that says what no planning says."""
    return WrongUsage(
        f"{source} was edited {or_}after it was made: {how}.",
        remedy=f"A plan is never edited: change the manifests. {_AGAIN}",
    )


def looks_like_plan(text: str) -> bool:
    """Tell whether a file that begins with ``text`` is a plan, of whatever version, be it whole or cut off."""
    return "".join(text.split()).startswith(_HEAD)


def _content(text: str, source: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        if looks_like_plan(text[: 4 * len(_HEAD)]):
            raise WrongUsage(
                f"{source} is damaged: the plan is cut off, or not JSON any more.", remedy=_AGAIN
            ) from error
        raise _no_plan(source) from error
    if not isinstance(content, dict):
        raise _no_plan(source)
    return content


def _no_plan(source: str) -> WrongUsage:
    return WrongUsage(f"{source} is not a saved plan.", remedy="Make one by plan --out FILE; name manifests by -f.")
