"""What the environment and the command line hold, however odd, is no internal error."""

import os
from pathlib import Path

import pytest

from tests.e2e import fork_server

KEYCLOAK = "https://127.0.0.1:1"
URL = f"'{KEYCLOAK} ' is not a valid URL for Keycloak.\n  Check KEYCLOAK_URL. Write it as https://host[:port][/path]"
EXAMPLES = str(Path(__file__).parents[3] / "examples")
NOT_UTF8 = "holds bytes that are not UTF-8."
BYTES = "\udcff"


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "said"),
    [
        (("plan",), {"KEYCLOAK_URL": f"{KEYCLOAK} "}, 64, URL),
        (("plan",), {"KEYCLOAK_URL": f"https://{BYTES}"}, 64, f"KEYCLOAK_URL {NOT_UTF8}"),
        (("plan",), {"NT24_REALM": BYTES}, 64, f"NT24_REALM {NOT_UTF8}"),
        (("plan", "--realm", BYTES), {}, 64, "\\udcff"),
        (("plan", "--owner", BYTES), {}, 64, "The text contains U+DCFF"),
        (("history", "show", BYTES), {}, 64, NOT_UTF8),
        (("history", "--target", BYTES), {}, 64, "\\udcff"),
        (("validate", BYTES), {}, 64, "There is nothing at \\udcff."),
        (("plan",), {"KEYCLOAK_URL": "https://kc.example", "HTTPS_PROXY": "::::"}, 64, "HTTPS_PROXY is not a"),
        (("plan",), {"KEYCLOAK_URL": "https://kc.example", "HTTP_PROXY": "http://p:99999"}, 64, "HTTP_PROXY is not a"),
        (("history",), {"RECONCILER_HISTORY": "postgresql://h:abc/x"}, 1, "The history's URL is not that of"),
        (("init", "x", "--keycloak-url", "https://a\nb"), {}, 64, "--keycloak-url holds a line break"),
        (("init", "x", "--api-url", "https://a b"), {}, 64, "The value is not the URL of a server."),
        (("init", "x", "--realm", "a\nb"), {}, 64, "--realm holds a line break"),
    ],
)  # fmt: skip
def test_it_is_named(
    arguments: tuple[str, ...], settings: dict[str, str], code: int, said: str, tmp_path: Path
) -> None:
    example = Path(__file__).parents[3] / "examples" / "nordwind-handel.yaml"
    (tmp_path / "manifest.yaml").write_bytes(example.read_bytes())
    known = {"KEYCLOAK_URL": KEYCLOAK, "KEYCLOAK_ACCESS_TOKEN": "h.p.s"}
    live = ("--no-effective",) if arguments[0] == "plan" else ()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **known, **settings}

    done = fork_server.run((*arguments, *live), tmp_path, environment)

    assert said in done.stderr + done.stdout
    assert "nternal error" not in done.stderr
    assert done.returncode == code


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("validate",), 1, ".: It cannot be read: no such file or directory."),
        (("validate", EXAMPLES), 0, "Valid: 3 organizations"),
        (("validate", EXAMPLES, "--format", "sarif"), 0, "sarif"),
        (("plan", EXAMPLES, "--no-effective"), 3, "Keycloak cannot be reached"),
        (
            ("plan", EXAMPLES, "--no-effective", "--out", "x"),
            1,
            "The current folder was deleted.\n  Go to one",
        ),
        (("plan", EXAMPLES, "--base", "HEAD"), 1, "The current folder was deleted."),
        (("diff", "HEAD"), 1, "The current folder was deleted."),
        (("history",), 0, "No run is recorded."),
        (("init",), 64, ". cannot be written: no such file or directory."),
    ],
)
def test_a_current_folder_that_was_deleted_is_said(
    arguments: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    home, gone = tmp_path / "home", tmp_path / "gone"
    home.mkdir()
    gone.mkdir()
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home), "KEYCLOAK_URL": KEYCLOAK, "KEYCLOAK_ACCESS_TOKEN": "h.p.s",
        "NT24_REALM": "nt24-idp",
    }  # fmt: skip

    done = fork_server.run(arguments, gone, environment, before="import os; os.rmdir(os.getcwd())")

    assert said in done.stdout + done.stderr
    assert "nternal error" not in done.stderr
    assert done.returncode == code


@pytest.mark.parametrize("folder", [{"HOME": "/proc/none"}, {"HOME": ""}, {"TMPDIR": "/proc/none"}], ids=str)
@pytest.mark.parametrize(("arguments", "code"), [(("validate",), 0), (("plan", "--no-effective"), 3)], ids=str)
def test_a_missing_folder_of_the_user_keeps_nobody_from_reading(
    arguments: tuple[str, ...], code: int, folder: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "manifest.yaml").write_bytes((Path(EXAMPLES) / "nordwind-handel.yaml").read_bytes())
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "KEYCLOAK_URL": KEYCLOAK, "KEYCLOAK_ACCESS_TOKEN": "h.p.s",
        "XDG_STATE_HOME": "" if folder.get("HOME") else str(tmp_path / "state"), **folder,
    }  # fmt: skip

    done = fork_server.run(arguments, tmp_path, environment)

    assert done.returncode == code
    assert "nternal error" not in done.stderr
    assert ("history" in done.stderr) == (folder.get("HOME") == "/proc/none" and code == 3)
