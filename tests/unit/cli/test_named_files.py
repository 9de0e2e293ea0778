"""Whatever a name of a file leads to is read within bounds, or refused at once."""

import os
from pathlib import Path

import pytest

from reconciler.adapters import named_file
from reconciler.adapters.named_file import read_named
from tests.e2e import fork_server

EXAMPLE = str(Path(__file__).parents[3] / "examples")


@pytest.mark.parametrize("name", ["/dev/zero", "fifo"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "{}"), 64),
        (("apply", "{}"), 64),
        (("graph", "{}"), 64),
        (("approve", "{}", "--out", "new"), 64),
        (("plan", "--replay", "{}"), 64),
        (("plan", EXAMPLE, "--no-effective", "--ca-file", "{}"), 64),
        (("plan", EXAMPLE, "--no-effective", "--client-cert", "{}"), 64),
        (("plan", EXAMPLE, "--config", "{}"), 64),
        (("plan", EXAMPLE, "--no-effective", "--jwt-file", "{}"), 64),
        (("validate", "{}"), 1),
        (("fmt", "{}"), 1),
    ],
)
def test_what_has_no_end_is_refused(arguments: tuple[str, ...], code: int, name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    login = {"KEYCLOAK_ACCESS_TOKEN": "h.p.s"}
    if "--jwt-file" in arguments:
        arguments, login = arguments[:3], {"KEYCLOAK_CLIENT_ID": "x", "KEYCLOAK_JWT_TOKEN_FILE": name}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "KEYCLOAK_URL": "https://127.0.0.1:1", **login}

    done = fork_server.run([each.format(name) for each in arguments], tmp_path, environment)

    assert "it is not a regular file." in (done.stdout + done.stderr).lower()
    assert name in done.stdout + done.stderr
    assert done.returncode == code


def test_a_file_has_at_most_so_many_bytes(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(2**20))
    assert len(read_named(file, 1)) == 2**20
    file.write_bytes(bytes(2**20 + 1))
    with pytest.raises(OSError, match="it has more than 1 MiB"):
        read_named(file, 1)
    assert named_file.MAX_MEBIBYTES == 256
