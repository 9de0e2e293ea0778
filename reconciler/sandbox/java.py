"""Java and Maven: found, or installed where the system lets us."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from reconciler.model.children import without_credentials
from reconciler.model.errors import ReconcilerError

OLDEST_JAVA: Final = 17
"""Keycloak 26 runs on OpenJDK 17 and newer (keycloak.org, "Getting started: OpenJDK")."""

_JAVA_PACKAGES: Final = ("openjdk-17-jre-headless", "openjdk-21-jre-headless", "default-jre-headless")
_MAVEN_PACKAGES: Final = ("maven",)

Say = Callable[[str], None]


def find_java() -> Path | None:
    """Return Java 17 or newer: that of JAVA_HOME, or else the first on PATH; None when there is none."""
    home = os.environ.get("JAVA_HOME")
    candidates = (str(Path(home, "bin", "java")) if home else None, shutil.which("java"))
    return next((Path(path) for path in candidates if path and _version(path) >= OLDEST_JAVA), None)


def require_java(say: Say) -> Path:
    """Return Java 17 or newer, installing it where that is possible.

    Raises:
        ReconcilerError: There is none, and it cannot be installed.
    """
    java = find_java()
    if java is None and _install(_JAVA_PACKAGES, say):
        java = find_java()
    if java is None:
        raise ReconcilerError(
            f"The sandbox runs Keycloak, which needs Java {OLDEST_JAVA} or newer, and there is none here.",
            remedy=f"Install a Java runtime (such as the package {_JAVA_PACKAGES[0]}), or set JAVA_HOME.",
        )
    return java


def require_maven(say: Say) -> Path:
    """Return Maven, installing it where that is possible.

    Raises:
        ReconcilerError: There is none, and it cannot be installed.
    """
    maven = shutil.which("mvn")
    if maven is None and _install(_MAVEN_PACKAGES, say):
        maven = shutil.which("mvn")
    if maven is None:
        raise ReconcilerError(
            "The sandbox fetches Keycloak with Maven, and there is no mvn on the PATH.",
            remedy="Install Maven (the package is called maven).",
        )
    return Path(maven)


def _version(java: str) -> int:
    try:
        answer = subprocess.run(  # noqa: S603
            [java, "-version"],
            env=without_credentials(os.environ),
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    # 'openjdk version "17.0.15" …'; Java 8 and older say "1.8.0", which is 1 here, and too old as well.
    found = re.search(r'version "(\d+)', answer.stderr + answer.stdout)
    return int(found.group(1)) if found else 0


def _install(candidates: tuple[str, ...], say: Say) -> bool:
    apt = shutil.which("apt-get")
    if apt is None or not sys.platform.startswith("linux") or os.geteuid() != 0:
        return False
    environment = {**without_credentials(os.environ), "DEBIAN_FRONTEND": "noninteractive"}

    def run(*arguments: str) -> bool:
        command = [apt, "-q", "-y", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0  # noqa: S603

    run("update")
    for package in candidates:
        say(f"Installing {package} with apt-get …")
        if run("install", "--no-install-recommends", package):
            return True
    return False
