"""Give manifests one layout: indentation, blanks and quotes. Comments stay with what they explain, and lines in order.

ruamel.yaml reads text to nodes that keep their comments, and writes them back. It keeps a comment's column, which is
wrong as soon as the line below it moves, so that columns of comments are set here.
"""

import io
import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from math import inf
from typing import Any, Final

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode
from ruamel.yaml.serializer import Serializer

from reconciler.manifest.document import read
from reconciler.manifest.syntax import BadSyntax
from reconciler.manifest.write import reads_as_text, takes_double_quotes
from reconciler.model.errors import ManifestError, Problem

_NEVER_FOLD: Final = 2**20
_TEXT: Final = "tag:yaml.org,2002:str"
_HASH: Final = re.compile(r"(?<!\S)#")
_PASSES: Final = 3
"""The first pass may join lines, and a comment's place follows from the lines around it."""


def formatted(file: str, text: str) -> str:
    """Return the text in the one layout; formatting it again changes nothing.

    Two blanks indent, lists stand below their key, and text that some YAML reader takes for something else (``NO``)
    is quoted. ``file`` is its name in errors.

    Raises:
        ManifestError: The text is not YAML, or could not be formatted without losing something.
    """
    meaning = _meaning(file, text)
    laid_out = text
    for _ in range(_PASSES):
        laid_out = _with_columns_of_comments(laid_out, _rewritten(laid_out))
    for candidate in (laid_out.rstrip("\n") + "\n", laid_out):
        if _means(file, candidate, meaning):
            _check_comments(file, text, candidate)
            return candidate
    message = "The file cannot be formatted without changing its meaning."
    raise ManifestError([Problem(file, 0, 0, "", message, "Exclude it, and report it with the file.")])


def _means(file: str, text: str, meaning: list[object]) -> bool:
    try:
        return _meaning(file, text) == meaning
    except ManifestError:
        return False


def _check_comments(file: str, before: str, after: str) -> None:
    """Refuse to lose a comment: ruamel.yaml drops some of those inside of brackets."""
    left = Counter(comment for _, comment in _comments(after))
    for line, comment in _comments(before):
        if not left[comment]:
            message = f"Formatting would lose the comment '{comment}'."
            raise ManifestError([Problem(file, line + 1, 1, "", message, "Move it above the brackets around it.")])
        left[comment] -= 1


def _meaning(file: str, text: str) -> list[object]:
    """Return the documents as plain values."""
    try:
        documents = list(read(file, text))
    except BadSyntax as error:
        raise ManifestError([Problem(file, *error.mark, "", error.message, error.remedy)]) from error
    problems = [problem for document in documents for problem in document.problems]
    if problems:
        raise ManifestError(problems)
    return [document.value for document in documents]


class _Serializer(Serializer):
    """Keep the names of anchors."""

    def generate_anchor(self, node: Node) -> Any:
        return node.anchor or super().generate_anchor(node)


def _rewritten(text: str) -> str:
    reader, writer, out = YAML(), YAML(), io.StringIO()
    writer.Serializer = _Serializer
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.width = _NEVER_FOLD
    writer.brace_single_entry_mapping_in_flow_sequence = True
    documents = [document for document in reader.compose_all(text) if document is not None]
    for document in documents:
        _quote(document)
    writer.explicit_start = False
    writer.serialize_all(documents, out)
    return out.getvalue()


def _quote(node: Node) -> None:
    """Put one sort of quotes around the texts below ``node`` that have or need some."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            _quote(key)
            _quote(value)
    elif isinstance(node, CollectionNode):
        for item in node.value:
            _quote(item)
    elif isinstance(node, ScalarNode) and node.tag == _TEXT and _wants_quotes(node.style, node.value):
        node.style = '"'


def _wants_quotes(style: str | None, text: str) -> bool:
    if style == "'":
        return takes_double_quotes(text)
    return not style and not reads_as_text(text)


def _with_columns_of_comments(before: str, after: str) -> str:
    """Return ``after`` with each comment that has a line of its own where the line it was aligned with went."""
    old, new = before.splitlines(), after.splitlines()
    was, is_now = _comment_lines(before), _comment_lines(after)
    old_content, new_content = _content(old, was), _content(new, is_now)
    if len(was) != len(is_now) or len(old_content) != len(new_content):
        return after
    for there, here in zip(was, is_now, strict=True):
        found = _aligned(old, old_content, there)
        if found is not None:
            new[here] = " " * _column(new[new_content[found]]) + new[here].lstrip()
    return "\n".join(new) + "\n"


def _aligned(lines: list[str], content: list[int], comment: int) -> int | None:
    """Return the place in ``content`` of the line that the comment is aligned with: the next, or one before it."""
    after = bisect(content, comment)
    candidates = [*range(after, after + 1), *reversed(range(after))]
    column = _column(lines[comment])
    return next((each for each in candidates if each < len(content) and _column(lines[content[each]]) == column), None)


def _comment_lines(text: str) -> list[int]:
    """Return the lines, from 0, that hold a comment and nothing else."""
    lines = text.splitlines()
    return [number for number, comment in _comments(text) if lines[number].strip() == comment]


def _content(lines: list[str], comments: list[int]) -> list[int]:
    """Return the lines, from 0, that say something."""
    passed = set(comments)
    return [number for number, line in enumerate(lines) if line.strip() and number not in passed]


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield every comment with its line, from 0; what looks like one inside of a text is none."""
    texts: dict[int, list[tuple[int, float]]] = {}
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.ScalarToken):
            first, last = token.start_mark, token.end_mark
            for line in range(first.line, last.line + 1):
                start = first.column if line == first.line else 0
                texts.setdefault(line, []).append((start, last.column if line == last.line else inf))
    for number, content in enumerate(text.splitlines()):
        for found in _HASH.finditer(content):
            if not any(start <= found.start() < end for start, end in texts.get(number, ())):
                yield number, content[found.start() :].rstrip()
                break


def _column(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
