"""The formats that a review comes in, and the one way to each of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

from reconciler.review.subject import Subject

if TYPE_CHECKING:
    from reconciler.model.plan import Plan

GITHUB_COMMENT: Final = 65_536
"""The longest comment that GitHub takes, in characters; GitLab takes 1,000,000."""


class Format(StrEnum):
    """Name what a review is written for; closed."""

    TEXT = "text"
    JSON = "json"
    LINES = "jsonl"
    MARKDOWN = "markdown"
    HTML = "html"
    SARIF = "sarif"
    JUNIT = "junit"

    @property
    def has_summary(self) -> bool:
        """Tell whether people read it: for them, many changes can be summed up."""
        return self in {Format.TEXT, Format.MARKDOWN, Format.HTML}


@dataclass(frozen=True, slots=True)
class Comment:
    """What markdown must fit into, in bytes of UTF-8, and where its readers find the whole review."""

    max_size: int = GITHUB_COMMENT
    link: str = ""


A_COMMENT: Final = Comment()


def render(
    plan: "Plan",
    form: Format,
    subject: Subject = Subject.PLAN,
    comment: Comment = A_COMMENT,
    *,
    only_summary: bool = False,
) -> str:
    """Return the review of a plan, of one that holds nothing but drift, or of what manifests differ in.

    With ``only_summary``, what people read says what happens to each organization, and not each change.
    """
    match form:
        case Format.TEXT:
            from reconciler.review.plan_text import plan_text

            return plan_text(plan, subject, only_summary=only_summary)
        case Format.JSON:
            from reconciler.review.plan_json import plan_json

            return plan_json(plan, subject)
        case Format.LINES:
            from reconciler.review.plan_json import plan_lines

            return plan_lines(plan, subject)
        case Format.MARKDOWN:
            from reconciler.review.plan_markdown import plan_markdown

            size, link = comment.max_size, comment.link
            return plan_markdown(plan, subject, max_size=size, link=link, only_summary=only_summary)
        case Format.HTML:
            from reconciler.review.html.page import plan_html

            return plan_html(plan, subject, only_summary=only_summary)
        case Format.SARIF:
            from reconciler.review.plan_sarif import plan_sarif

            return plan_sarif(plan, subject)
        case Format.JUNIT:
            from reconciler.review.plan_junit import plan_junit

            return plan_junit(plan, subject)
        case _:
            assert_never(form)
