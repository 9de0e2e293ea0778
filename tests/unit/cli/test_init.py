"""``reconciler init``, and every file that it writes, as far as it can be tried without its server."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from reconciler.adapters.starter import Part
from reconciler.cli.main import cli
from reconciler.manifest.load import load
from reconciler.model.errors import ManifestError, WrongUsage

ROOT = Path(__file__).parents[3]


def init(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["init", *arguments])


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a repository with every part."""
    done = init(str(tmp_path), *(f"--with={part}" for part in Part), "--keycloak-url", "https://idp.test.example")
    assert done.exit_code == 0, done.output
    return tmp_path


def check_schema(name: str, *files: str) -> None:
    """Check files against a schema that check-jsonschema brings along."""
    program = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run([program, "--builtin-schema", name, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def content(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_example_is_a_manifest_and_the_settings_are_read(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    Path("organizations/acme-motors.yaml").write_text(
        Path("organizations/example.yaml.txt").read_text(encoding="utf-8"), encoding="utf-8"
    )

    validated = CliRunner().invoke(cli, ["validate"])
    formatted = CliRunner().invoke(cli, ["fmt", "--check"])

    assert validated.stdout == "Valid: 1 organization, 1 client, 0 realms in 1 file.\n"
    assert (formatted.exit_code, formatted.stdout) == (0, "")


def test_a_part_can_be_added_and_what_exists_is_kept(tmp_path: Path) -> None:
    assert init(str(tmp_path)).exit_code == 0
    (tmp_path / "README.md").write_text("ours", encoding="utf-8")

    added = init(str(tmp_path), "--with", "gitlab")

    assert (tmp_path / ".gitlab-ci.yml").is_file()
    assert f"Kept {tmp_path.as_posix()}/README.md, which exists\n" in added.stdout
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "ours"
    init(str(tmp_path), "--overwrite")
    assert (tmp_path / "README.md").read_text(encoding="utf-8") != "ours"


def test_a_folder_that_cannot_be_written_is_said_with_a_remedy_that_init_has(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    refused = init(str(tmp_path / "file" / "below"))

    assert isinstance(refused.exception, WrongUsage)
    assert refused.exception.remedy == "Name another folder: reconciler init DIR."


def test_a_url_that_makes_no_sense_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    refused = init(str(tmp_path), "--keycloak-url", "idp")

    assert isinstance(refused.exception, ManifestError)
    assert [problem.path for problem in refused.exception.problems] == ["environments.default.keycloak.url"]
    assert list(tmp_path.iterdir()) == []


def test_no_placeholder_is_left(repository: Path) -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in repository.rglob("*") if path.is_file()}

    assert "https://idp.test.example" in texts[repository / "reconciler.yaml"]
    assert [
        path.name for path, text in texts.items() for name in ("URL@", "@ACTION@", "@VERSION@") if name in text
    ] == []


def test_the_schemas_are_those_of_this_version(repository: Path) -> None:
    for name in ("manifest", "overlay", "settings"):
        file = f"{name}.schema.json"
        assert json.loads((repository / "schema" / file).read_text()) == json.loads(
            (ROOT / "schema" / file).read_text()
        )


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ("vendor.github-workflows", ".github/workflows/*.yml"),
        ("vendor.gitlab-ci", ".gitlab-ci.yml"),
    ],
)
def test_a_forge_accepts_its_files(repository: Path, schema: str, pattern: str) -> None:
    files = [str(path) for path in repository.glob(pattern)]

    assert files
    check_schema(schema, *files)


def test_the_action_of_this_repository_is_one() -> None:
    check_schema("vendor.github-actions", str(ROOT / "action.yml"))


def test_the_workflows_give_the_action_what_it_takes(repository: Path) -> None:
    known = content(ROOT / "action.yml")["inputs"].keys()
    used = [
        set(step["with"])
        for path in repository.glob(".github/workflows/*.yml")
        for job in content(path)["jobs"].values()
        for step in job["steps"]
        if "nt24-reconciler" in step.get("uses", "")
    ]

    assert len(used) == 5
    assert set().union(*used) <= known


def steps_of(repository: Path) -> list[dict[str, Any]]:
    """Return every step of the action and of the workflows."""
    jobs = [job for path in repository.glob(".github/workflows/*.yml") for job in content(path)["jobs"].values()]
    return [*content(ROOT / "action.yml")["runs"]["steps"], *(step for job in jobs for step in job["steps"])]


def test_what_others_publish_is_pinned_by_its_content(repository: Path) -> None:
    others = [step["uses"] for step in steps_of(repository) if step.get("uses", "").startswith("actions/")]

    assert len(others) == 8
    assert [name for name in others if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", name)] == []


def test_no_script_holds_what_somebody_else_may_write(repository: Path) -> None:
    scripts = [step["run"] for step in steps_of(repository) if "run" in step]

    assert scripts
    assert [script for script in scripts if "${{" in script] == []


def test_each_workflow_may_do_no_more_than_it_does(repository: Path) -> None:
    found = {path.name: content(path)["permissions"] for path in repository.glob(".github/workflows/*.yml")}

    assert found == {
        "apply.yml": {"contents": "read"},
        "drift.yml": {"contents": "read", "issues": "write"},
        "plan.yml": {"contents": "read", "pull-requests": "write"},
    }


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="actionlint is not installed")
def test_actionlint_finds_nothing_in_the_workflows(repository: Path) -> None:
    files = [str(path) for path in repository.glob(".github/workflows/*.yml")]

    done = subprocess.run(["actionlint", *files], cwd=repository, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_scripts_of_the_action_are_valid_for_bash() -> None:
    scripts = [step["run"] for step in content(ROOT / "action.yml")["runs"]["steps"] if "run" in step]

    assert len(scripts) == 4
    for script in scripts:
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd")
def test_systemd_accepts_the_units(repository: Path) -> None:
    units = repository / "deploy" / "systemd"
    service = units / "reconciler-drift.service"
    # The program is not installed where units expect it.
    text = service.read_text(encoding="utf-8")
    assert "ExecStart=/usr/local/bin/reconciler drift\n" in text
    service.write_text(text.replace("/usr/local/bin/reconciler", sys.executable), encoding="utf-8")

    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *map(str, sorted(units.iterdir()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")


def test_the_cron_job_runs_as_nobody_and_one_at_a_time(repository: Path) -> None:
    job = content(repository / "deploy" / "kubernetes" / "drift-cronjob.yaml")
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    assert container["args"] == ["drift"]


def test_the_container_holds_what_it_copies(repository: Path) -> None:
    lines = (repository / "Containerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY ")]

    assert copied
    assert all((repository / name).exists() for name in copied)
    assert 'ENTRYPOINT ["reconciler"]' in lines


def test_atlantis_finds_its_workflow(repository: Path) -> None:
    server = content(repository / "deploy" / "atlantis" / "repos.yaml")
    names = {project["workflow"] for project in content(repository / "atlantis.yaml")["projects"]}

    assert names == {"reconciler"} == set(server["workflows"])


def test_every_reconciler_command_in_the_files_exists(repository: Path) -> None:
    words = [
        line.partition("reconciler ")[2].split()[0]
        for path in (repository / ".gitlab-ci.yml", repository / "deploy" / "atlantis" / "repos.yaml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith(("- reconciler ", "- run: reconciler "))
    ]

    assert {"plan", "apply", "validate"} <= set(words)
    assert set(words) <= set(cli.list_commands(None))  # type: ignore[arg-type]


def test_the_hooks_of_pre_commit_run(repository: Path) -> None:
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(repository)}
    manifest = repository / "organizations" / "acme-motors.yaml"
    text = (repository / "organizations" / "example.yaml.txt").read_text(encoding="utf-8")
    manifest.write_text(text.replace("  name: acme-motors", "      name:   acme-motors"), encoding="utf-8")

    def run(*command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)

    assert run("git", "init", "--quiet").returncode == 0
    assert run("git", "add", ".").returncode == 0

    first = run("pre-commit", "run", "--all-files")
    assert first.returncode == 1, first.stdout
    assert "files were modified by this hook" in first.stdout
    assert run("pre-commit", "run", "--all-files").returncode == 0
    assert load([manifest]).desired.organizations[0].name == "acme-motors"


def test_pre_commit_accepts_the_hooks_of_this_repository() -> None:
    hooks = content(ROOT / ".pre-commit-hooks.yaml")
    program = Path(sys.executable).with_name("pre-commit")

    subprocess.run([program, "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")], check=True)
    assert {hook["entry"] for hook in hooks} == {"reconciler validate", "reconciler fmt"}
