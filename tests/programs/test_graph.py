"""Graphs in two languages, as the programs that read them draw them."""

import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Browser

from reconciler.model.address import Address
from reconciler.model.change import Action
from reconciler.review.graph import Graph, GraphFormat, graph_of_manifests, graph_text
from tests.unit.review.test_graph import MANIFESTS, ODD, REALM, odd


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_every_name_as_it_is() -> None:
    graph = Graph({**odd().nodes, REALM: None}, ((REALM, Address.organization(ODD)),))
    done = subprocess.run(
        ["dot", "-Tsvg"], input=graph_text(graph, GraphFormat.DOT), capture_output=True, text=True, check=True
    )

    assert done.stderr == ""
    drawn = ET.fromstring(done.stdout)
    labels = {each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")}
    name = ODD.replace("\n", "\\n")
    assert labels == {f"organization/{name}: create", f"client/{name}/x", "realm/nt24-idp"}


def mermaid() -> Path:
    """Return Mermaid's own script; nothing is downloaded."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    default = cache / "nt24-reconciler" / "npm" / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
    path = Path(os.environ.get("MERMAID") or default)
    if not path.is_file():
        pytest.skip("NO TEST OF THIS KIND RUNS HERE: npm install mermaid, and name its mermaid.min.js: MERMAID=PATH.")
    return path


@pytest.mark.parametrize("graph", [graph_of_manifests(MANIFESTS), odd()], ids=["manifests", "odd names"])
def test_mermaid_draws_every_name_as_it_is_and_runs_none(graph: Graph, browser: Browser) -> None:
    script = mermaid()
    page = browser.new_page()
    alarms: list[str] = []
    page.on("dialog", lambda dialog: alarms.append(dialog.message))
    page.set_content("<div id=place></div>")
    page.add_script_tag(path=script)
    page.evaluate(
        """async text => {
            mermaid.initialize({startOnLoad: false});
            place.innerHTML = (await mermaid.render("drawn", text)).svg;
        }""",
        graph_text(graph, GraphFormat.MERMAID),
    )
    labels = page.locator(".nodeLabel").all_inner_texts()
    page.close()

    suffix = {Action.CREATE: ": create", None: ""}
    expected = [f"{address}{suffix[action]}".replace("\n", "\\n") for address, action in graph.nodes.items()]
    assert [" ".join(label.split()) for label in labels] == [" ".join(each.split()) for each in expected]
    assert alarms == []
