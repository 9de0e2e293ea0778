"""Live values in markdown: nothing of them is obeyed by a code host, in or out of a code block.

Sources: CommonMark 0.31 (fenced code, entities), GitHub Flavored Markdown (autolinks), and GitHub's and GitLab's
documentation of mentions, references and quick actions: none of them is looked for inside of code.
"""

import re
from collections.abc import Iterable
from typing import Final

from reconciler.model.text import visible

_SPECIAL: Final = re.compile(r"[#$&*+:;<=>@\[\\\]^_`{|}~]")
"""What could mean something in markdown or HTML; as an entity it is text, whatever stands around it."""
_LINKED: Final = re.compile(r"[!\"%'?]|(?<=[wW])\.|" + _SPECIAL.pattern)
"""The same, and what could make a link: a name that begins with ``www.`` is one."""
_TICKS: Final = re.compile("`+")
_LONGEST: Final = 300
"""Characters of a value that a reviewer is shown."""
_LONGEST_LINE: Final = 700


def prose(text: str) -> str:
    """Return a sentence of ours, in which nothing is markup."""
    return _SPECIAL.sub(_entity, visible(text))


def code(text: str, longest: int = _LONGEST) -> str:
    """Return a value of others as inline code, in which nothing is markup, a link or a mention."""
    return f"<code>{_LINKED.sub(_entity, visible(shortened(text, longest)))}</code>"


def fenced(lines: Iterable[str]) -> str:
    """Return lines as a code block of a diff that none of them can end."""
    content = [shortened(visible(line), _LONGEST_LINE) for line in lines]
    longest = max((len(run) for line in content for run in _TICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}diff", *content, fence])


def folded(summary: str, content: str, *, is_open: bool = False) -> str:
    """Return a part that readers can fold; ``summary`` is markup already."""
    return f"<details{' open' if is_open else ''}><summary>{summary}</summary>\n\n{content}\n\n</details>"


def shortened(text: str, longest: int = _LONGEST) -> str:
    """Return a text, or its beginning and its length where it is too long to be read."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"


def size_of(text: str) -> int:
    """Return the bytes that a text takes in a comment."""
    return len(text.encode("utf-8", "replace"))


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"
