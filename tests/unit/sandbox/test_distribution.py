"""Keycloak is fetched, checked, built once, and then only read."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from reconciler.model.errors import ReconcilerError
from reconciler.sandbox import distribution


class Machine:
    """A user's machine with a Maven and a Java that are scripts."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.said: list[str] = []
        self.cache = folder / "cache" / "nt24-reconciler"
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.archive = folder / "keycloak.zip"
        with zipfile.ZipFile(self.archive, "w") as archive:
            for name, mode in (("bin/kc.sh", 0o755), ("lib/quarkus-run.jar", 0o644), ("version.txt", 0o644)):
                entry = zipfile.ZipInfo(f"keycloak-{distribution.version()}/{name}")
                entry.external_attr = mode << 16
                archive.writestr(entry, name)
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        monkeypatch.setenv("PATH", f"{self.bin}:/usr/bin:/bin")
        monkeypatch.setattr(distribution, "_SHA256", hashlib.sha256(self.archive.read_bytes()).hexdigest())
        self.script("mvn", f'for a; do case $a in -DoutputDirectory=*) cp {self.archive} "${{a#*=}}";; esac; done')
        self.java = self.script("java", f'echo "$@" >> {folder}/builds')
        self.builds = folder / "builds"

    def script(self, name: str, text: str) -> Path:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def ensure(self) -> Path:
        return distribution.ensure(self.java, self.said.append)

    def left(self) -> list[str]:
        return sorted(path.name for path in self.cache.iterdir())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_it_is_fetched_and_built_once(machine: Machine) -> None:
    built = machine.ensure()

    assert machine.ensure() == built == machine.cache / "keycloak-26.7.5"
    assert len(machine.said) == 2
    assert "--features=client-secret-rotation" in machine.builds.read_text(encoding="utf-8")
    assert len(machine.builds.read_text(encoding="utf-8").splitlines()) == 1
    assert machine.left() == ["keycloak-26.7.5", "keycloak-26.7.5.lock"]


def test_another_release_is_fetched_by_its_number_beside_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(distribution.VERSION_VARIABLE, "26.0.8")
    machine = Machine(tmp_path, monkeypatch)
    # Only of the usual one the hash is known here.
    monkeypatch.setattr(distribution, "_SHA256", "0" * 64)

    assert machine.ensure() == machine.cache / "keycloak-26.0.8"
    assert machine.said[0] == "Fetching Keycloak 26.0.8 with Maven (153 MB, once) …"


def test_programs_stay_executable(machine: Machine) -> None:
    assert (machine.ensure() / "bin" / "kc.sh").stat().st_mode & 0o777 == 0o755


def test_a_distribution_with_another_hash_is_refused_and_not_kept(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distribution, "_SHA256", "0" * 64)

    with pytest.raises(ReconcilerError, match=r"0{64} was expected") as caught:
        machine.ensure()
    assert "Do not use it" in caught.value.remedy
    assert machine.left() == ["keycloak-26.7.5.lock"]


def test_when_maven_fails_its_last_words_are_told(machine: Machine) -> None:
    machine.script("mvn", "echo no such artifact; exit 1")

    with pytest.raises(ReconcilerError, match=r"could not fetch(.|\n)*no such artifact"):
        machine.ensure()


def test_when_building_fails_nothing_is_kept(machine: Machine) -> None:
    machine.script("java", "echo no memory; exit 1")

    with pytest.raises(ReconcilerError, match=r"could not be built(.|\n)*no memory"):
        machine.ensure()
    assert machine.left() == ["keycloak-26.7.5.lock"]


def test_what_an_interrupted_build_left_is_cleared(machine: Machine) -> None:
    (machine.cache / ".keycloak-26.7.5-abandoned").mkdir(parents=True)

    machine.ensure()

    assert machine.left() == ["keycloak-26.7.5", "keycloak-26.7.5.lock"]


def test_a_home_shares_the_distributions_files_and_keeps_its_own_data(machine: Machine, tmp_path: Path) -> None:
    home = tmp_path / "home"
    distribution.make_home(machine.ensure(), home)
    (home / "data").mkdir()

    distribution.make_home(machine.ensure(), home)

    assert (home / "lib" / "quarkus-run.jar").is_file()
    assert (home / "lib").is_symlink()
    assert (home / "data").is_dir()


def test_variables_of_the_user_do_not_configure_keycloak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KC_DB", "postgres")
    monkeypatch.setenv("QUARKUS_HTTP_PORT", "1")

    assert not {"KC_DB", "QUARKUS_HTTP_PORT"} & distribution.environment().keys()
