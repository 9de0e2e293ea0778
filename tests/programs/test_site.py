"""The documents become a site: no link leads nowhere, each page is in the navigation, and the search finds words."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = (sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", "-c", "scripts/site")


def build(root: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*BUILD, "-d", str(out / "doctrees"), ".", str(out / "html")],
        cwd=root,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    done = build(ROOT, out)
    assert (done.returncode, done.stderr) == (0, "")
    return out / "html"


def test_the_first_page_is_the_readme_and_leads_to_every_other(site: Path) -> None:
    first = (site / "index.html").read_text(encoding="utf-8")
    pages = {page.relative_to(site).as_posix() for page in (site / "docs").glob("*.html")}
    assert len(pages) == len(list((ROOT / "docs").glob("*.md")))
    assert pages <= set(re.findall(r'href="([^"#]+)"', first))


def test_links_between_decisions_lead_to_them(site: Path) -> None:
    text = (site / "docs" / "decisions.html").read_text(encoding="utf-8")
    wanted = set(re.findall(r'href="#(d\d+)"', text))
    assert len(wanted) > 20
    assert wanted <= set(re.findall(r'id="(d\d+)"', text))


def test_the_search_knows_words_of_the_pages(site: Path) -> None:
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert [word for word in ("fingerprint", "takeov", "rotat", "keycloak") if word not in index] == []


def test_a_link_that_leads_nowhere_fails_the_build(tmp_path: Path) -> None:
    gone = ("docs/gone.md", "docs/one.md#no-such-heading", "reconciler/gone.py")
    root = tmp_path / "root"
    (root / "docs").mkdir(parents=True)
    (root / "scripts").mkdir()
    (root / "scripts" / "site").symlink_to(ROOT / "scripts" / "site")
    (root / "README.md").write_text("# One\n\n" + "\n".join(f"[gone]({each})" for each in gone), encoding="utf-8")
    (root / "docs" / "one.md").write_text("# One\n", encoding="utf-8")
    done = build(root, tmp_path / "out")
    assert done.returncode != 0
    assert [each for each in gone if f"'{each.split('#')[-1]}'" not in done.stderr] == []
