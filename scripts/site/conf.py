"""How Sphinx makes the documents a site: each stays the file that it is in the repository, and so do its links."""

import re
import shutil
from pathlib import Path
from typing import Any, Final

from sphinx.application import Sphinx

ROOT: Final = Path(__file__).parents[2]

project = "reconciler"
html_title = "reconciler"
author = "Novatrade24"
extensions = ["myst_parser", "sphinxcontrib.mermaid"]
root_doc = "README"
include_patterns = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/*.md"]
html_theme = "furo"
html_show_sphinx = False
html_copy_source = False
myst_heading_anchors = 4
myst_fence_as_directive = ["mermaid"]
nitpicky = True
# What a shell prints is no program in any language.
highlight_language = "none"

NAVIGATION: Final = {
    "Start": ["docs/story", "docs/adoption", "docs/ci-login", "docs/commands"],
    "Review and apply": [
        "docs/review",
        "docs/policies",
        "docs/order",
        "docs/side-effects",
        "docs/retiring",
        "docs/history",
    ],
    "Watch": ["docs/drift", "docs/findings", "docs/doctor", "docs/diagnostics"],
    "Kinds": ["docs/shared-facts", "docs/grants", "docs/secrets", "docs/webhooks", "docs/identity-providers"],
    "Background": ["docs/security", "docs/glossary", "docs/python-api", "CHANGELOG"],
    "Its code": ["docs/architecture", "docs/adding-a-kind", "docs/decisions", "CONTRIBUTING"],
}
"""The pages beside the first one; Sphinx complains of one that is missing here."""

_ANCHOR: Final = re.compile(r'^<a id="([\w-]+)"></a>$', re.MULTILINE)
_LINK: Final = re.compile(r"\[([^]\[]+)\]\(([^)#:\s]+)\)")


def _as_myst(_: Sphinx, name: str, source: list[str]) -> None:
    """Say in MyST what a forge reads as HTML, take the links from names of folders, and add the navigation."""
    folder = (ROOT / name).parent

    def without_folders(link: re.Match[str]) -> str:
        return link[1] if (folder / link[2]).is_dir() else link[0]

    source[0] = _LINK.sub(without_folders, _ANCHOR.sub(r"(\1)=", source[0]))
    if name == root_doc:
        trees = (
            f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(pages) + "\n```"
            for caption, pages in NAVIGATION.items()
        )
        source[0] += "\n\n" + "\n\n".join(trees) + "\n"


def _first_page(app: Sphinx, failure: Exception | None) -> None:
    if failure is None:
        shutil.copyfile(app.outdir / f"{root_doc}.html", app.outdir / "index.html")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the above."""
    app.connect("source-read", _as_myst)
    app.connect("build-finished", _first_page)
    return {"parallel_read_safe": True}
