"""The decisions are numbered and indexed, what replaces them names them back, and code names only what exists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DECISIONS: Final = ROOT / "docs" / "decisions.md"
BEGIN, END = "<!-- index: written by `make readme` -->\n", "<!-- end of index -->\n"

MIRRORED: Final = {
    "replaced by": "replaces",
    "replaced in part by": "replaces part of",
    "extended by": "extends",
}
"""What a status says of another decision, and what that one says of it."""

MIRROR: Final = MIRRORED | {back: forth for forth, back in MIRRORED.items()}
LINK: Final = r"\[\d+\]\(#d\d+\)"
CLAUSE: Final = re.compile(rf", ({'|'.join(MIRROR)}) ({LINK}(?:(?:, | and ){LINK})*)")
DECISION: Final = re.compile(
    r'^<a id="d(?P<anchor>\d+)"></a>\n## (?P<number>\d+)\. (?P<title>.+)\n\n'
    rf"Status: accepted (?P<date>\d{{4}}-\d\d-\d\d)(?P<clauses>(?:{CLAUSE.pattern})*)\n\n",
    re.MULTILINE,
)
MENTION: Final = re.compile(r"decisions\.md(?:, |#d)(\d+)\b(?: and (\d+)\b)?")


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, with the others that its status names, by what it says of them."""

    number: int
    anchor: int
    title: str
    others: tuple[tuple[str, int], ...]

    @property
    def row(self) -> str:
        """Return its line of the index, which leaves out what extends it: that changes nothing of it."""
        relations = dict.fromkeys(relation for relation, _ in self.others if "replace" in relation)
        words = [
            f"{relation} {' and '.join(f'[{n}](#d{n})' for name, n in self.others if name == relation)}"
            for relation in relations
        ]
        if "replaced by" not in relations:
            words.insert(0, "accepted")
        return f"| [{self.number}](#d{self.number}) | {self.title.replace('|', chr(92) + '|')} | {', '.join(words)} |\n"


def text() -> str:
    return DECISIONS.read_text(encoding="utf-8")


def decisions() -> list[Decision]:
    return [
        Decision(
            int(found["number"]),
            int(found["anchor"]),
            found["title"],
            tuple(
                (relation, int(number))
                for relation, links in CLAUSE.findall(found["clauses"])
                for number in re.findall(r"\[(\d+)\]", links)
            ),
        )
        for found in DECISION.finditer(text())
    ]


def index() -> str:
    return "| | decision | status |\n|---|---|---|\n" + "".join(each.row for each in decisions())


def files() -> Iterator[tuple[str, str]]:
    """Yield each file that may name a decision, as its path and text."""
    for folder, pattern in (("reconciler", "**/*.py"), ("tests", "**/*.py"), ("scripts", "*.py"), ("docs", "*.md")):
        for path in sorted((ROOT / folder).glob(pattern)):
            if path not in {DECISIONS, Path(__file__).resolve()}:
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def test_every_heading_is_a_decision_with_an_anchor_and_a_status() -> None:
    headings = re.findall(r"^## (.*)$", text(), re.MULTILINE)

    assert headings == [f"{each.number}. {each.title}" for each in decisions()], (
        'a decision begins with `<a id="dN"></a>`, `## N. Title` and `Status: accepted YYYY-MM-DD`'
    )


def test_numbers_have_no_gaps() -> None:
    expected = list(range(1, len(decisions()) + 1))

    assert [each.number for each in decisions()] == expected
    assert [each.anchor for each in decisions()] == expected


def test_the_index_is_what_the_headings_say(update: bool) -> None:
    before, rest = text().split(BEGIN)
    _, after = rest.split(END)
    if update:
        DECISIONS.write_text(f"{before}{BEGIN}{index()}{END}{after}", encoding="utf-8")

    assert f"{BEGIN}{index()}{END}" in text(), "run `make readme`"


def test_a_status_is_said_by_both_sides() -> None:
    said = {(each.number, relation, other) for each in decisions() for relation, other in each.others}

    assert said == {(other, MIRROR[relation], number) for number, relation, other in said}


def test_what_replaces_or_extends_comes_later() -> None:
    assert not [
        (each.number, relation, other)
        for each in decisions()
        for relation, other in each.others
        if (relation in MIRRORED) != (other > each.number)
    ]


def test_every_link_within_the_document_leads_to_a_decision() -> None:
    links = set(re.findall(r"\[(\d+)\]\(#d(\d+)\)", text()))

    assert {a for a, _ in links} == {b for _, b in links}
    assert {int(a) for a, _ in links} == {each.number for each in decisions()}


def test_every_decision_that_code_names_exists_and_holds() -> None:
    held = {each.number for each in decisions() if all(relation != "replaced by" for relation, _ in each.others)}
    named = {
        (name, int(number))
        for name, content in files()
        for pair in MENTION.findall(content)
        for number in pair
        if number
    }

    assert not {(name, number) for name, number in named if number not in held}
    assert len({number for name, number in named if name.startswith("reconciler/")}) >= 15
