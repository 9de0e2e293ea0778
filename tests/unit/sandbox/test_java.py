"""Java and Maven are found, or asked for in one sentence."""

from pathlib import Path

import pytest

from reconciler.model.errors import ReconcilerError
from reconciler.sandbox import java


@pytest.fixture(autouse=True)
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)


def a_program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def a_java(path: Path, version: str) -> Path:
    return a_program(path, f"echo 'openjdk version \"{version}\" 2025-04-15' >&2")


def test_java_on_the_path_is_found(tmp_path: Path) -> None:
    program = a_java(tmp_path / "java", "17.0.15")

    assert java.require_java(lambda _: None) == program


def test_java_of_java_home_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_java(tmp_path / "java", "17.0.15")
    program = a_java(tmp_path / "home" / "bin" / "java", "25")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))

    assert java.find_java() == program


def test_a_java_home_that_is_gone_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = a_java(tmp_path / "java", "21")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))

    assert java.find_java() == program


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.2"])
def test_an_old_java_is_none(tmp_path: Path, version: str) -> None:
    a_java(tmp_path / "java", version)

    with pytest.raises(ReconcilerError, match="needs Java 17 or newer"):
        java.require_java(lambda _: None)


def test_without_maven_it_is_said_what_to_install() -> None:
    with pytest.raises(ReconcilerError, match="no mvn on the PATH") as caught:
        java.require_maven(lambda _: None)
    assert caught.value.remedy == "Install Maven (the package is called maven)."


def test_as_root_with_apt_get_it_is_installed_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("sys.platform", "linux")
    program = a_java(tmp_path / "ready", "17.0.1")
    a_program(tmp_path / "apt-get", f'case "$*" in *openjdk-17*) /bin/cp {program} {tmp_path}/java;; esac')
    said: list[str] = []

    assert java.require_java(said.append) == tmp_path / "java"
    assert said == ["Installing openjdk-17-jre-headless with apt-get …"]


def test_for_other_users_nothing_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    a_program(tmp_path / "apt-get", "touch called")

    with pytest.raises(ReconcilerError):
        java.require_maven(lambda _: None)
    assert not (tmp_path / "called").exists()
