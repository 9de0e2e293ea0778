"""Whatever somebody writes into Keycloak, a review only shows it."""

import json
import re
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from reconciler.review.formats import Format, render
from reconciler.review.plan_markdown import marker
from reconciler.review.subject import Subject
from tests.unit.review.showcase import HOSTILE, hostile

WRITTEN = (Format.MARKDOWN, Format.HTML, Format.SARIF, Format.JUNIT)
TAGS = {"<details>", "<details open>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "<b>", "</b>"}


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_no_character_steers_a_terminal_or_hides_the_direction_of_text(text: str, form: Format) -> None:
    written = render(hostile(text), form)
    steering = {c for c in written if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Cn", "Co"}} - {"\n"}
    assert not steering
    assert written.encode("utf-8")


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_markdown_holds_no_markup_but_ours(text: str) -> None:
    plan = hostile(text)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(render(plan, Format.MARKDOWN))
    spoken = [token for token in tokens if token.type != "fence"]
    inline = [child for token in spoken for child in token.children or []]
    blocks = "".join(token.content for token in spoken if token.type == "html_block")

    tags = {child.content for child in inline if child.type == "html_inline"} | set(re.findall(r"<[^>]*>", blocks))
    assert tags - TAGS == {marker(plan, Subject.PLAN), "<sub>", "</sub>"}
    assert not {child.type for child in inline} & {"link_open", "image", "s_open", "em_open", "code_inline"}
    assert blocks.count("<details") == blocks.count("</details>")
    assert len([token for token in tokens if token.type == "heading_open"]) == 1


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_a_mention_stays_in_code(text: str) -> None:
    written = render(hostile(text), Format.MARKDOWN)
    spoken = re.sub(r"(?ms)^(`{3,})diff\n.*?\n\1$|<code>.*?</code>", "", written)
    assert not re.search(r"@|(?<!&)#\d|!\d|~|javascript|www|evil", spoken)
    assert not re.search(r"(?m)^\s*[/:]", written)


class Tags(HTMLParser):
    """Collect the tags with the names of their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *(name for name, _ in attrs)))


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_html_holds_no_tag_and_no_attribute_of_others(text: str) -> None:
    found = Tags(render(hostile(text), Format.HTML)).found
    # As long as the text, since long values are folded.
    assert found == Tags(render(hostile("n" * len(text)), Format.HTML)).found
    assert not {name for _, *names in found for name in names if name.startswith(("on", "style"))}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_junit_stays_xml_and_sarif_stays_json(text: str) -> None:
    plan = hostile(text)
    root = ET.fromstring(render(plan, Format.JUNIT).encode())
    run = json.loads(render(plan, Format.SARIF))["runs"][0]

    assert {case.get("classname") for case in root.iter("testcase")} >= {"organization/acme"}
    assert all("](" not in result["message"]["text"] for result in run["results"])


def test_long_values_are_cut_and_say_how_long_they_were() -> None:
    written = render(hostile("x" * 5_000), Format.MARKDOWN)
    assert "(5,002 characters)" in written
    assert "x" * 701 not in written
