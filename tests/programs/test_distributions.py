"""What is built of this repository: the reconciler, and the tokens that integrators can install alone."""

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOKENS = ROOT / "packages" / "nt24-tokens"


def wheel_of(folder: Path, out: Path) -> zipfile.ZipFile:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    (path,) = out.glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return wheel_of(TOKENS, tmp_path_factory.mktemp("tokens"))


def test_tokens_need_httpx_alone(tokens: zipfile.ZipFile) -> None:
    (name,) = (each for each in tokens.namelist() if each.endswith("METADATA"))
    metadata = Parser().parsestr(tokens.read(name).decode())
    assert metadata.get_all("Requires-Dist") == ["httpx>=0.28"]
    assert metadata["Name"] == "nt24-tokens"


def test_tokens_work_without_the_reconciler(tokens: zipfile.ZipFile, tmp_path: Path) -> None:
    tokens.extractall(tmp_path)
    program = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; sys.modules['reconciler'] = None\n"
        "from nt24_tokens import AsyncTokenProvider, TokenProvider, Unreachable\n"
        "try:\n    TokenProvider('http://127.0.0.1:1', 'api-client-acme', 'secret').token()\n"
        "except Unreachable as error:\n    print(error)\n"
        "import nt24_tokens; print(nt24_tokens.__file__)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True, timeout=60)
    assert "Keycloak cannot be reached" in done.stdout
    assert str(tmp_path) in done.stdout


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return wheel_of(ROOT, tmp_path_factory.mktemp("whole"))


def test_the_reconciler_brings_them_along(tokens: zipfile.ZipFile, whole: zipfile.ZipFile) -> None:
    shared = [name for name in tokens.namelist() if name.startswith("nt24_tokens/")]
    assert "nt24_tokens/py.typed" in shared
    assert all(whole.read(name) == tokens.read(name) for name in shared)


def test_pip_installs_the_manual_page_where_man_looks_beside_bin(whole: zipfile.ZipFile) -> None:
    (name,) = (each for each in whole.namelist() if each.endswith(".data/data/share/man/man1/reconciler.1"))
    assert whole.read(name) == (ROOT / "docs" / "reconciler.1").read_bytes()
