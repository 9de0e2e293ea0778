"""Sinks that are files: private, whole or not at all, and each secret in its own place."""

import base64
import stat
from pathlib import Path

import pytest
import yaml

from reconciler.adapters.sinks.file_sinks import Dotenv, KubernetesManifests, SecretFiles
from reconciler.adapters.vault import PlainSecret
from reconciler.model.errors import SinkFailed
from reconciler.model.sinks import DotenvSink, FileSink, KubernetesSink
from tests.builders import ACME_CLIENT

SECRET = PlainSecret("s3cret-Value")

pytestmark = pytest.mark.anyio


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_file_holds_the_secret_and_nothing_else(tmp_path: Path) -> None:
    sink = SecretFiles(FileSink(path="secrets/{organization}/{name}"), tmp_path)
    await sink.check()
    said = await sink.deliver(ACME_CLIENT, SECRET)
    path = tmp_path / "secrets" / "acme" / "api-client-acme"
    assert path.read_text(encoding="utf-8") == "s3cret-Value"
    assert said == f"the file {path}"


async def test_only_its_owner_may_read_it_and_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "api-client-acme"
    await SecretFiles(FileSink(path="secrets/{name}"), tmp_path).deliver(ACME_CLIENT, SECRET)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


async def test_a_file_that_others_may_read_becomes_private(tmp_path: Path) -> None:
    (tmp_path / "api-client-acme").write_text("old", encoding="utf-8")
    (tmp_path / "api-client-acme").chmod(0o644)
    await SecretFiles(FileSink(path="{name}"), tmp_path).deliver(ACME_CLIENT, SECRET)
    assert mode(tmp_path / "api-client-acme") == 0o600
    assert names_in(tmp_path) == ["api-client-acme"]


async def test_a_place_that_cannot_be_written_is_refused_before_a_secret_is_made(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("a file", encoding="utf-8")
    with pytest.raises(SinkFailed, match="is not a writable folder"):
        await SecretFiles(FileSink(path="secrets/{name}"), tmp_path).check()


async def test_a_failure_names_the_place_and_not_the_secret(tmp_path: Path) -> None:
    (tmp_path / "api-client-acme").mkdir()
    with pytest.raises(SinkFailed) as caught:
        await SecretFiles(FileSink(path="{name}"), tmp_path).deliver(ACME_CLIENT, SECRET)
    assert "is a directory" in caught.value.message
    assert "s3cret" not in caught.value.message + caught.value.remedy


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "API_CLIENT_ACME_SECRET=s3cret-Value\n"),
        ("A=1", "A=1\nAPI_CLIENT_ACME_SECRET=s3cret-Value\n"),
        ("# note\nAPI_CLIENT_ACME_SECRET='old'\nB=2\n", "# note\nAPI_CLIENT_ACME_SECRET=s3cret-Value\nB=2\n"),
        ("export API_CLIENT_ACME_SECRET=old\n", "export API_CLIENT_ACME_SECRET=s3cret-Value\n"),
        ("API_CLIENT_ACME_SECRET=a\nX=1\nAPI_CLIENT_ACME_SECRET=b\n", "X=1\nAPI_CLIENT_ACME_SECRET=s3cret-Value\n"),
        ("API_CLIENT_ACME_SECRET_OLD=a\n", "API_CLIENT_ACME_SECRET_OLD=a\nAPI_CLIENT_ACME_SECRET=s3cret-Value\n"),
        ("A=1\u20282\x853\n", "A=1\u20282\x853\nAPI_CLIENT_ACME_SECRET=s3cret-Value\n"),
    ],
)
async def test_a_variable_is_replaced_and_all_else_stays(before: str, after: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(before, encoding="utf-8")
    sink = Dotenv(DotenvSink(path=".env"), tmp_path)
    await sink.check()
    assert await sink.deliver(ACME_CLIENT, SECRET) == f"API_CLIENT_ACME_SECRET in {tmp_path / '.env'}"
    assert (tmp_path / ".env").read_text(encoding="utf-8") == after
    assert mode(tmp_path / ".env") == 0o600


async def test_a_secret_with_blanks_and_quotes_is_quoted(tmp_path: Path) -> None:
    await Dotenv(DotenvSink(path=".env", variable="{name}"), tmp_path).deliver(ACME_CLIENT, PlainSecret('a "b" $c'))
    assert (tmp_path / ".env").read_text(encoding="utf-8") == 'API_CLIENT_ACME="a \\"b\\" \\$c"\n'


async def test_a_file_that_is_no_text_is_kept(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff")
    with pytest.raises(SinkFailed, match="it is not text"):
        await Dotenv(DotenvSink(path=".env"), tmp_path).deliver(ACME_CLIENT, SECRET)
    assert (tmp_path / ".env").read_bytes() == b"\xff"


async def test_kubernetes_reads_the_manifest_as_a_secret(tmp_path: Path) -> None:
    settings = KubernetesSink(path="{name}.yaml", namespace="integrations")
    await KubernetesManifests(settings, tmp_path).deliver(ACME_CLIENT, SECRET)
    manifest = yaml.safe_load((tmp_path / "api-client-acme.yaml").read_text(encoding="utf-8"))
    assert (manifest["apiVersion"], manifest["kind"], manifest["type"]) == ("v1", "Secret", "Opaque")
    assert manifest["metadata"]["name"] == "api-client-acme"
    assert manifest["metadata"]["namespace"] == "integrations"
    assert base64.b64decode(manifest["data"]["client-secret"]) == b"s3cret-Value"
    assert mode(tmp_path / "api-client-acme.yaml") == 0o600
