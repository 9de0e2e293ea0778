"""Beside a valid manifest, a file is a manifest, another program's (and named), or refused: never nothing."""

from pathlib import Path

import pytest

from reconciler.manifest.load import load
from reconciler.model.errors import ManifestError
from tests.unit.manifest.builders import NOW, an_organization_text

OURS = an_organization_text("b", number=2)
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n"


def said(folder: Path, name: str, content: str | bytes) -> str:
    """Return what is said of a file beside a valid manifest: its first problem, or as what it is passed over."""
    (folder / "a.yaml").write_text(an_organization_text("a"), encoding="utf-8")
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    try:
        loaded = load([Path()], now=NOW)
    except ManifestError as error:
        return str(error.problems[0])
    return f"skipped: {loaded.passed_over[0]}" if loaded.passed_over else f"{len(loaded.files)} files"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        # What is ours, or may be meant to be, is refused wherever it lies.
        ("x.yaml", OURS.replace("reconciler/v1", "Reconciler/v1"), "x.yaml:1:13: apiVersion: 'Reconciler/v1' is not"),
        ("x.yaml", OURS.replace("reconciler/v1", "reconciler/V1"), "x.yaml:1:13: apiVersion: 'reconciler/V1' is not"),
        ("x.yaml", OURS.replace("reconciler/v1", "reconciler/v1beta1"), "Did you mean reconciler/v1?"),
        ("x.yaml", OURS.replace("reconciler/v1", "reconcilr/v1"), "Did you mean reconciler/v1?"),
        ("x.yaml", OURS.replace("reconciler/v1", "v1"), "x.yaml:1:13: apiVersion: 'v1' is not allowed here."),
        ("x.yaml", OURS.replace("kind: I", "kind: i"), "Did you mean IntegrationOrganization?"),
        ("x.yaml", OURS.replace("kind:", "Kind:"), "x.yaml:1:1: kind: The document has no kind. Add kind."),
        ("x.yaml", OURS.partition("\n")[2], "x.yaml:1:1: apiVersion: The key is missing."),
        ("x.yaml", "kind: Integrationorganisation\n", "Did you mean IntegrationOrganization?"),
        ("x.yaml", "kind: Organization\n", "Did you mean IntegrationOrganization?"),
        ("x.yaml", "metadata: {name: x}\n", "Add apiVersion: reconciler/v1, and kind."),
        ("x.yaml", "Spec: {}\n", "Add apiVersion: reconciler/v1, and kind."),
        ("codecov.yml", "coverage: {status: {project: false}}\n", "skipped: codecov.yml: YAML of another program"),
        ("state.json", '{"resources": [{"kind": "Realm"}]}', "1 files"),
        ("x.yaml", OURS.partition("metadata")[2].join(("metadata", "")), "The document has no kind."),
        ("x.yaml", f"apiVersion: v1\nkind: ConfigMap\n---\n{OURS}", "x.yaml:2:7: kind: 'ConfigMap' is not a kind"),
        ("x.yaml", "apiVersion: v1\nkind: ConfigMap\n---\nspec: 1\n", "x.yaml:2:7: kind: 'ConfigMap' is not a kind"),
        ("x.yaml", "apiVersion: reconciler/v1\nkind: OrganizationOverlay\n", "is an overlay among the manifests"),
        ("x.yaml", "kind: organizationoverlay\n", "x.yaml:1:7: kind: This is an overlay among"),
        ("x.json", '{"apiVersion": "reconciler/v1"}', "x.json:1:1: It looks like a manifest, but is not read"),
        ("x.json", '{"kind":"realm"}', "Rename it to x.yaml (JSON is YAML, too)"),
        ("x.YAML", OURS, "x.YAML:1:1: It looks like a manifest, but is not read"),
        ("x.yml", OURS, "2 files"),
        # What is no text of YAML says why.
        ("x.yaml", "", "x.yaml:1:1: The file is empty. Write a manifest, or remove the file."),
        ("x.yaml", " \n\n", "x.yaml:1:1: The file is empty."),
        ("x.yaml", "# a\n\n  # b\n", "x.yaml:1:1: The file holds only comments."),
        ("x.yaml", "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n", "x.yaml:2:1: A merge conflict is not"),
        ("x.yaml", f"<<<<<<< HEAD\n{OURS}=======\n>>>>>>> x\n", "x.yaml:1:1: A merge conflict is not resolved here."),
        ("x.yaml", "{{ x }}\n", "x.yaml:1:1: This is a template, not a manifest. Render it first"),
        ("x.yaml", "{% if x %}\na: 1\n{% endif %}\n", "x.yaml:1:1: This is a template, not a manifest."),
        ("x.yaml", OURS.replace("name: b", "name: {{ .b }}"), "x.yaml:3:18: This is a template, not a manifest."),
        ("x.yaml", "﻿" + OURS, "x.yaml:1:1: The file starts with a byte order mark. Save it as UTF-8 without one."),
        ("x.yaml", OURS.encode("utf-16"), "x.yaml: It is encoded in UTF-16. Save it as UTF-8"),
        ("x.yaml", OURS.encode("utf-16-le"), "x.yaml: It is encoded in UTF-16."),
        ("x.yaml", OURS.encode("utf-16-be"), "x.yaml: It is encoded in UTF-16."),
        ("x.yaml", OURS.encode() + b"# \0\n", "x.yaml:7:1: It holds a NUL byte: it is not a text."),
        ("x.yaml", OURS.encode() + b"# \xe4\n", "x.yaml:7:1: Line 7 is not encoded in UTF-8."),
        ("x.yaml", LFS, "x.yaml:1:1: It is a pointer of Git LFS; its content is not here. Run git lfs pull"),
        ("x.yaml", b"\0GITCRYPT\0\x8f\x01", "x.yaml:1:1: It is encrypted by git-crypt. Run git-crypt unlock"),
        ("x.yaml", b"age-encryption.org/v1\n-> X\n\x8f", "x.yaml:1:1: It is encrypted by age."),
        ("x.yaml", "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "x.yaml:1:1: It is encrypted by age."),
        ("x.yaml", "-----BEGIN PGP MESSAGE-----\n\nhQ\n", "x.yaml:1:1: It is encrypted by PGP."),
        ("x.yaml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n", "x.yaml:1:1: It is encrypted by Ansible Vault."),
        ("x.yaml", "apiVersion: ENC[x]\nsops:\n  mac: x\n", "x.yaml:2:1: sops: It is encrypted by SOPS."),
        ("x.yaml", OURS + "sops: {mac: x}\n", "x.yaml:7:1: sops: It is encrypted by SOPS."),
        ("x.yaml", "a: [\n", "x.yaml:"),
        # What another program reads is passed over, and named.
        ("x.yaml", "apiVersion: v1\nkind: ConfigMap\n", "skipped: x.yaml: ConfigMap (v1)"),
        ("x.yaml", "apiVersion: apps/v1\nkind: Deployment\n", "skipped: x.yaml: Deployment (apps/v1)"),
        ("x.yaml", "apiVersion: keycloak.org/v1\nkind: Realm\n", "skipped: x.yaml: Realm (keycloak.org/v1)"),
        ("x.yaml", "apiVersion: v1\nkind: A\n---\napiVersion: v1\nkind: B\n", "skipped: x.yaml: A (v1), B (v1)"),
        ("x.yaml", "apiVersion: v1\nkind: A\ndata: {{ x }\n", "skipped: x.yaml: A (v1), not readable"),
        ("x.yaml", "apiVersion: v1\nkind: Secret\nsops: {mac: x}\n", "skipped: x.yaml: Secret (v1)"),
        ("x.yaml", "- hosts: all\n", "skipped: x.yaml: a list"),
        ("x.yaml", "openapi: 3.1.0\n", "skipped: x.yaml: OpenAPI"),
        ("compose.yaml", "services: {}\n", "skipped: compose.yaml: Docker Compose"),
        ("values-prod.yaml", "replicas: 3\n", "skipped: values-prod.yaml: values of a Helm chart"),
        ("reconciler.yml", "environments: {}\n", "skipped: reconciler.yml: settings of the reconciler"),
        ("package.json", '{"name": "x"}', "1 files"),
    ],
)  # fmt: skip
def test_of_a_file_is_said(folder: Path, name: str, content: str | bytes, expected: str) -> None:
    assert expected in said(folder, name, content)


def test_alone_it_is_named_too(folder: Path) -> None:
    for name in ("one", "two"):
        (folder / f"{name}.yaml").write_text("apiVersion: v1\nkind: ConfigMap\n", encoding="utf-8")
    with pytest.raises(ManifestError) as caught:
        load([Path()], now=NOW)
    assert "Skipped YAML files of other programs: one.yaml: ConfigMap (v1); two.yaml: ConfigMap (v1)." in str(
        caught.value.problems[0]
    )
