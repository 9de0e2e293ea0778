"""The state folder keeps secrets private, and is changed by one command at a time."""

import os
from pathlib import Path

import pytest

from reconciler.model.errors import ReconcilerError
from reconciler.sandbox.distribution import make_home
from reconciler.sandbox.folder import ApiSettings, Folder, Server, State, tail
from reconciler.sandbox.process import Process

A_STATE = State(
    keycloak=Server(process=Process(pid=1, started="a"), url="http://127.0.0.1:1", ports=(1, 2)),
    settings=ApiSettings(realm="r", current_dpa_version="2026-01", cache_seconds=1.5, enterprise_limits=(3, 2, 1)),
)


def test_a_folder_that_never_was_up_has_an_empty_state(tmp_path: Path) -> None:
    assert Folder(tmp_path / "new").read() == State()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    Folder(tmp_path).write(A_STATE)

    assert Folder(tmp_path).read() == A_STATE


def test_a_state_file_that_is_none_is_refused_with_its_path(tmp_path: Path) -> None:
    tmp_path.joinpath("sandbox.json").write_text('{"keycloak": 1}', encoding="utf-8")

    with pytest.raises(ReconcilerError, match=r"sandbox\.json is not a state file"):
        Folder(tmp_path).read()


def test_the_password_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = Folder(tmp_path)

    password = folder.make_admin_password()

    assert len(password) >= 32
    assert folder.make_admin_password() == password
    assert folder.admin_password.stat().st_mode & 0o777 == 0o600


def test_a_lost_password_of_an_existing_database_is_said_to_be_lost(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.home.mkdir()
    folder.initialized.touch()

    with pytest.raises(ReconcilerError, match="password is gone") as caught:
        folder.make_admin_password()
    assert "--purge" in caught.value.remedy


def test_a_database_whose_making_was_interrupted_is_forgotten(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (folder.home / "data").mkdir(parents=True)

    folder.forget_half_made_database()

    assert not folder.home.exists()


def test_a_whole_database_is_kept(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (folder.home / "data").mkdir(parents=True)
    folder.initialized.touch()

    folder.forget_half_made_database()

    assert (folder.home / "data").is_dir()


def test_two_commands_cannot_change_a_sandbox_at_once(tmp_path: Path) -> None:
    with (
        Folder(tmp_path).locked(),
        pytest.raises(ReconcilerError, match="Another command"),
        Folder(tmp_path).locked(),
    ):
        pass


def test_purge_deletes_the_whole_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "sandbox")
    with folder.locked():
        folder.write(A_STATE)
        folder.make_admin_password()
        folder.home.mkdir()
        (folder.home / "lib").symlink_to(tmp_path / "elsewhere")
        folder.purge()

    assert not folder.path.exists()


def test_purge_leaves_what_somebody_else_put_there(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.touch()
    folder = Folder(tmp_path)
    folder.write(A_STATE)

    folder.purge()

    assert list(tmp_path.iterdir()) == [precious]


def test_purge_does_not_follow_links_into_the_shared_distribution(tmp_path: Path) -> None:
    shared = tmp_path / "shared" / "lib"
    shared.mkdir(parents=True)
    folder = Folder(tmp_path / "sandbox")
    folder.home.mkdir(parents=True)
    (folder.home / "lib").symlink_to(shared)

    folder.purge()

    assert shared.is_dir()


def test_the_environment_chooses_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("RECONCILER_SANDBOX_DIR", raising=False)
    assert Folder.default().path == tmp_path / "nt24-reconciler" / "sandbox"

    monkeypatch.setenv("RECONCILER_SANDBOX_DIR", str(tmp_path / "mine"))
    assert Folder.default().path == tmp_path / "mine"


def test_the_end_of_a_log_names_the_log(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("\n".join(str(number) for number in range(100)), encoding="utf-8")

    lines = tail(log).splitlines()

    assert lines[0] == f"The end of {log}:"
    assert lines[-1] == "99"
    assert len(lines) == 26


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277, 0o777])
def test_its_folders_are_for_their_owner_alone_under_any_umask(tmp_path: Path, umask: int) -> None:
    folder = Folder(tmp_path / "state" / "sandbox")
    before = os.umask(umask)
    try:
        with folder.locked():
            make_home(tmp_path / "distribution", folder.home)
    finally:
        os.umask(before)

    made = (folder.path.parent, folder.path, folder.home)
    assert [oct(each.stat().st_mode & 0o777) for each in made] == ["0o700"] * 3
