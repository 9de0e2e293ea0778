"""The options that say how a review is written, for the commands that write one."""

from dataclasses import dataclass
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from reconciler.review.formats import Comment, Format, render
from reconciler.review.subject import Subject

if TYPE_CHECKING:
    from reconciler.model.plan import Plan


_NARROWEST, _WIDEST = 60, 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """How a review is written, as the options say."""

    form: Format
    comment: Comment
    only_summary: bool = False

    def text_of(self, plan: "Plan", subject: Subject = Subject.PLAN, saved_as: str | None = "") -> str:
        """Return the review, with a line end; as text, with how to approve what is ``saved_as`` a file."""
        if self.form is Format.TEXT:
            from reconciler.review.plan_text import plan_text

            return plan_text(plan, subject, saved_as=saved_as, only_summary=self.only_summary, width=screen_width())
        return render(plan, self.form, subject, self.comment, only_summary=self.only_summary)


def review_of(form: str | None, as_json: bool, only_summary: bool, max_size: int, link: str | None) -> Review:
    """Return what the options say; see :func:`chosen`.

    Raises:
        click.UsageError: They contradict each other.
    """
    found = Format(chosen(form, as_json=as_json))
    if only_summary and not found.has_summary:
        raise click.UsageError(f"--summary is for people: text, markdown or html. Leave it out with --format {found}.")
    return Review(form=found, comment=Comment(max_size, link or ""), only_summary=only_summary)


def screen_width() -> int:
    """Return how wide a line may be: the terminal's width, within reason; where there is none, the default."""
    from reconciler.review.labels import SCREEN

    return min(max(get_terminal_size((SCREEN, 24)).columns, _NARROWEST), _WIDEST)


def chosen(form: str | None, *, as_json: bool) -> str:
    """Return the format that ``--format`` or ``--json`` chooses.

    Raises:
        click.UsageError: They contradict each other.
    """
    if as_json and form not in {None, Format.JSON}:
        raise click.UsageError(f"--json is --format json; leave it out, or --format {form}.")
    return Format.JSON if as_json else form or Format.TEXT
