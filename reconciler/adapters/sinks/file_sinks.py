"""Sinks that are files: one per secret, a .env file, a manifest of a Kubernetes Secret."""

import base64
import json
import re
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final, Generic, TypeVar

from reconciler.adapters.named_file import read_named
from reconciler.adapters.private_file import explained, reason_of, write_private
from reconciler.model.address import Address
from reconciler.model.errors import SinkFailed
from reconciler.model.sinks import DotenvSink, FileSink, KubernetesSink, filled, variable
from reconciler.model.user_folders import private_folder
from reconciler.ports import Secret, SecretSink

_BARE: Final = re.compile(r"[A-Za-z0-9_./+=-]+")


_Settings = TypeVar("_Settings", FileSink, DotenvSink, KubernetesSink)


class _Files(SecretSink, Generic[_Settings]):
    """What is written below a folder."""

    sort = "file"

    def __init__(self, settings: _Settings, folder: Path) -> None:
        self._settings: _Settings = settings
        self._folder = folder
        self.title = f"the {self.sort} {settings.path}"

    async def check(self) -> None:
        check_writable(self._folder / self._settings.path)

    def _place(self, name: Address) -> Path:
        return self._folder / filled(self._settings.path, name)


class SecretFiles(_Files[FileSink]):
    """Write each secret into a file of its own, and nothing else into it, not even a line's end."""

    async def deliver(self, name: Address, secret: Secret) -> str:
        path = self._place(name)
        write(path, secret.reveal())
        return f"the file {path}"


class Dotenv(_Files[DotenvSink]):
    """Write the secrets as variables of one file; its other lines stay as they are."""

    async def deliver(self, name: Address, secret: Secret) -> str:
        path = self._place(name)
        # The variable's line is replaced, or one is added at the end.
        key = variable(self._settings.variable, name)
        try:
            before = read_named(path).decode("utf-8") if path.exists() else ""
        except (OSError, UnicodeDecodeError) as error:
            why = reason_of(error) if isinstance(error, OSError) else "it is not text"
            raise SinkFailed(f"{path} cannot be read: {why}.", remedy="Fix the file, or name another.") from error
        write(path, _with_variable(before, key, secret.reveal()))
        return f"{key} in {path}"


class KubernetesManifests(_Files[KubernetesSink]):
    """Write each secret as a manifest, for ``kubectl apply -f``."""

    sort = "Kubernetes manifest"

    async def deliver(self, name: Address, secret: Secret) -> str:
        path = self._place(name)
        write(path, self._manifest(name, secret))
        return f"the Kubernetes manifest {path}"

    def _manifest(self, name: Address, secret: Secret) -> str:
        namespace = {"namespace": self._settings.namespace} if self._settings.namespace else {}
        metadata = {
            "name": filled(self._settings.secret_name, name),
            **namespace,
            "labels": {"app.kubernetes.io/managed-by": "nt24-reconciler"},
        }
        data = {self._settings.key: base64.b64encode(secret.reveal().encode()).decode("ascii")}
        # JSON is YAML: nothing has to be quoted by other rules.
        parts = ("apiVersion: v1", "kind: Secret", "type: Opaque", f"metadata: {json.dumps(metadata)}")
        return "\n".join((*parts, f"data: {json.dumps(data)}", ""))


def check_writable(path: Path) -> None:
    """Refuse a place at which no file can be written.

    Raises:
        SinkFailed: The nearest folder that exists takes no file, or is none.
    """
    folder = next(parent for parent in path.absolute().parents if parent.exists() and "{" not in parent.name)
    try:
        # Trying is the only sure way: what root may, or what a file system takes, no mode tells.
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SinkFailed(
            f"No secret can be written to {path}: {folder} is not a writable folder.",
            remedy="Name another place: --sink, or sinks in reconciler.yaml.",
        ) from error


def write(path: Path, text: str) -> None:
    """Write a file for its owner's eyes only; folders that are missing are made so, too.

    Raises:
        SinkFailed: It cannot be written.
    """
    remedy = "Fix that, or name another place: --sink, or sinks in reconciler.yaml."
    with explained(f"The secret cannot be written to {path}", remedy, SinkFailed):
        private_folder(path.parent)
        write_private(path, text)


def _with_variable(before: str, key: str, value: str) -> str:
    line = f"{key}={_quoted(value)}"
    # What else is a line end to Python, may stand in another program's value.
    lines = before.removesuffix("\n").split("\n") if before else []
    places = [n for n, each in enumerate(lines) if re.match(rf"\s*(export\s+)?{key}\s*=", each)]
    if not places:
        return "\n".join([*lines, line, ""])
    # The last one counts for most readers; an older secret must not stay in another.
    prefix = "export " if lines[places[-1]].lstrip().startswith("export") else ""
    lines[places[-1]] = prefix + line
    return "\n".join([*(each for n, each in enumerate(lines) if n not in places[:-1]), ""])


def _quoted(value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    escaped = re.sub(r'([\\"$`])', r"\\\1", value).replace("\n", r"\n")
    return f'"{escaped}"'
