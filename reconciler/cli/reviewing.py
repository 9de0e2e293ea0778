"""The options that say how a review is written, for the commands that write one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from reconciler.review.formats import Comment, Format, render
from reconciler.review.subject import Subject

if TYPE_CHECKING:
    from reconciler.model.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """How a review is written, as the options say."""

    form: Format
    comment: Comment

    def text_of(self, plan: "Plan", subject: Subject = Subject.PLAN, saved_as: str | None = "") -> str:
        """Return the review, with a line end; as text, with how to approve what is ``saved_as`` a file."""
        if saved_as != "" and self.form is Format.TEXT and subject is Subject.PLAN:
            from reconciler.review.plan_text import plan_text

            return plan_text(plan, saved_as=saved_as)
        return render(plan, self.form, subject, self.comment)


def review_of(form: str | None, as_json: bool, max_size: int, link: str | None) -> Review:
    """Return what the options say; see :func:`chosen`."""
    return Review(form=Format(chosen(form, as_json=as_json)), comment=Comment(max_size, link or ""))


def chosen(form: str | None, *, as_json: bool) -> str:
    """Return the format that ``--format`` or ``--json`` chooses.

    Raises:
        click.UsageError: They contradict each other.
    """
    if as_json and form not in {None, Format.JSON}:
        raise click.UsageError(f"--json is --format json; leave it out, or --format {form}.")
    return Format.JSON if as_json else form or Format.TEXT
