"""``reconciler init``, and every file that it writes, as far as it can be tried without its server."""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from reconciler.adapters.starter import StarterPart
from reconciler.cli.main import cli
from reconciler.manifest.load import load
from reconciler.model.errors import ManifestError, SettingsError, WrongUsage
from reconciler.model.pipeline import ENVIRONMENTS

ROOT = Path(__file__).parents[2]
EVERY_PART = tuple(f"--with={part}" for part in StarterPart)
ACTION = f"novatrade24/nt24-reconciler@{'0' * 40}"
WHEEL = "https://files.test.example/nt24_reconciler-0.1.0-py3-none-any.whl"
HASH = f"sha256:{'a' * 64}"
ORIGINS = ("--action", ACTION, "--wheel", WHEEL, "--wheel-hash", HASH)
TARGETS = {"KEYCLOAK_URL", "NT24_REALM", "NT24_API_URL", "RECONCILER_OWNER", "RECONCILER_HISTORY"}


def init(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["init", *arguments])


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a repository with every part."""
    return made(tmp_path)


def made(tmp_path: Path, *arguments: str) -> Path:
    done = init(str(tmp_path), *EVERY_PART, "--keycloak-url", "https://idp.test.example", *ORIGINS, *arguments)
    assert done.exit_code == 0, done.output
    return tmp_path


@pytest.fixture
def open_repository(tmp_path: Path) -> Path:
    """Make a repository with every part, where nobody says whence the reconciler comes."""
    done = init(str(tmp_path / "open"), *EVERY_PART)
    assert done.exit_code == 0, done.output
    return tmp_path / "open"


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


def test_overwriting_writes_what_is_made_and_never_what_is_filled_in(tmp_path: Path) -> None:
    assert init(str(tmp_path), "--with", "github").exit_code == 0
    ours = dict.fromkeys(("README.md", ".gitignore", "organizations/example.yaml.txt"), "ours")
    ours["reconciler.yaml"] = "environments: {ours: {}}\n"
    for name, text in ours.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "schema" / "manifest.schema.json").write_text("{}", encoding="utf-8")

    again = init(str(tmp_path), "--with", "github", "--action", ACTION, "--overwrite")

    assert again.exit_code == 0
    assert ACTION in (tmp_path / ".github/workflows/plan.yml").read_text(encoding="utf-8")
    assert "properties" in (tmp_path / "schema" / "manifest.schema.json").read_text(encoding="utf-8")
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in ours} == ours


def test_what_is_printed_where_no_action_is_named_makes_the_workflows_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for place in ((), ("a folder",)):
        said = init(*place, "--with", "github", "--with", "gitlab").output
        hints = re.findall(r"made again: reconciler (.*)", said)
        assert len(hints) == 2
        for hint in hints:
            words = hint.replace("OWNER/REPOSITORY@COMMIT", ACTION).replace("sha256:HASH", HASH).replace("URL", WHEEL)
            assert CliRunner().invoke(cli, shlex.split(words)).exit_code == 0
        folder = Path(*place)
        assert ACTION in (folder / ".github/workflows/plan.yml").read_text(encoding="utf-8")
        assert WHEEL in (folder / "requirements.txt").read_text(encoding="utf-8")
        assert "No wheel" not in (folder / ".gitlab-ci.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("part", "origin"),
    [("github", ("--action", ACTION)), ("gitlab", ("--wheel", WHEEL, "--wheel-hash", HASH))],
)
def test_an_origin_that_changes_no_file_is_no_success(tmp_path: Path, part: str, origin: tuple[str, ...]) -> None:
    assert init(str(tmp_path), "--with", part).exit_code == 0

    refused = init(str(tmp_path), "--with", part, *origin)

    assert isinstance(refused.exception, WrongUsage)
    assert f"{origin[0]} has no effect" in refused.exception.message
    assert "differs from what would be written now: --overwrite" in refused.output
    assert init(str(tmp_path), "--with", part, *origin, "--overwrite").exit_code == 0
    assert init(str(tmp_path), "--with", part, *origin).exit_code == 0


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
    assert [path.name for path, text in texts.items() if re.search(r"@[A-Z_]+@", text)] == []


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

    assert len(scripts) == 5
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
    (entry,) = server["repos"]

    assert {entry["workflow"]} == set(server["workflows"])
    # What a pull request could say of it is nothing.
    assert (entry["allowed_overrides"], entry["allow_custom_workflows"]) == ([], False)
    assert {"workflow"} & set().union(*content(repository / "atlantis.yaml")["projects"]) == set()


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


def jobs_with_a_login(repository: Path) -> dict[str, dict[str, Any]]:
    """Return the jobs of the workflows that are given a secret, if only one that is optional."""
    return {
        f"{path.name}: {name}": job
        for path in repository.glob(".github/workflows/*.yml")
        for name, job in content(path)["jobs"].items()
        if "secrets." in json.dumps(job)
    }


@pytest.mark.parametrize("login", ["token", "secret"])
def test_each_login_of_github_is_bound_to_an_environment_and_its_targets_are_pinned(tmp_path: Path, login: str) -> None:
    jobs = jobs_with_a_login(made(tmp_path, "--login", login))

    assert {name: job["environment"] for name, job in jobs.items()} == {
        "apply.yml: apply": "reconciler-apply",
        "apply.yml: plan": "reconciler-read",
        "drift.yml: drift": "reconciler-read",
        "plan.yml: plan": "reconciler-plan",
    }
    for job in jobs.values():
        (step,) = [step for step in job["steps"] if "secrets." in json.dumps(step)]
        assert step["env"].keys() >= TARGETS
        assert all(re.fullmatch(r"\$\{\{ (vars|secrets)\.\w+ \}\}", value) for value in step["env"].values())
        writes = step["with"]["command"] == "apply"
        has_secret = ("WRITER" in json.dumps(step["env"]), "READER" in json.dumps(step["env"]))
        assert has_secret == ((writes, not writes) if login == "secret" else (False, False))
        # A token of the host needs the one, and makes it for the other.
        by_token = (job["permissions"].get("id-token"), "oidc-audience" in step["with"])
        assert by_token == (("write", True) if login == "token" else (None, False))


def test_the_cluster_and_the_machine_pin_the_targets_outside_of_the_repository(repository: Path) -> None:
    job = content(repository / "deploy" / "kubernetes" / "drift-cronjob.yaml")
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    required = {entry["name"] for entry in container["env"] if entry.get("valueFrom", {}).get("secretKeyRef")}
    unit = (repository / "deploy" / "systemd" / "reconciler-drift.service").read_text(encoding="utf-8")

    assert required >= TARGETS
    assert all(f"$${{{name}:?" in unit for name in ("KEYCLOAK_URL", "NT24_REALM", "NT24_API_URL"))


def test_python_is_isolated_from_the_checkout_everywhere(repository: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in (repository / ".gitlab-ci.yml", repository / "Containerfile")]
    texts.append((ROOT / "action.yml").read_text(encoding="utf-8"))
    started = [line.strip() for text in texts for line in text.splitlines() if re.search(r'\bpython"? -', line)]

    assert len(started) == 9
    assert [line for line in started if not re.search(r'\bpython"? -I ', line)] == []


def test_nothing_is_installed_by_its_name_and_all_of_it_by_its_hash(repository: Path) -> None:
    first, second, *rest = (repository / "requirements.txt").read_text(encoding="utf-8").splitlines()[1:]
    installs = [
        line
        for path in repository.rglob("*")
        if path.is_file()
        for line in path.read_text(encoding="utf-8").splitlines()
        if "pip install" in line
    ]

    assert [first, second] == [f"nt24-reconciler @ {WHEEL} \\", f"    --hash={HASH}"]
    assert rest == (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8").splitlines()
    assert len(installs) == 2
    assert all("--require-hashes --requirement requirements.txt" in line for line in installs)


def test_without_an_origin_nothing_is_installed_and_the_files_say_what_is_missing(open_repository: Path) -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in open_repository.rglob("*") if path.is_file()}
    assert [path for path, text in texts.items() if "pip install" in text or "uses: novatrade24" in text] == []
    assert not (open_repository / "requirements.txt").exists()

    (gitlab,) = content(open_repository / ".gitlab-ci.yml")["default"]["before_script"]
    (image,) = [line for line in texts[open_repository / "Containerfile"].splitlines() if line.startswith("RUN ")]
    steps = [step["run"] for step in steps_of(open_repository) if "No Action is configured" in step.get("run", "")]
    assert len(steps) == 5
    for script in (gitlab, image.removeprefix("RUN ").removesuffix("\\"), *steps):
        done = subprocess.run(["bash", "-ec", script], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert re.search(r"reconciler init .*--(wheel|action) ", done.stderr), done.stderr


def test_a_forge_accepts_its_files_without_an_origin_too(open_repository: Path) -> None:
    check_schema("vendor.gitlab-ci", str(open_repository / ".gitlab-ci.yml"))
    check_schema("vendor.github-workflows", *map(str, open_repository.glob(".github/workflows/*.yml")))


@pytest.mark.parametrize(
    "given",
    [
        ("--action", "novatrade24/nt24-reconciler@v1"),
        ("--action", "./.github/actions/reconciler"),
        ("--wheel", WHEEL),
        ("--wheel", WHEEL, "--wheel-hash", "sha256:abc"),
        ("--wheel", WHEEL, "--wheel-hash", f"md5:{'a' * 32}"),
        ("--wheel", WHEEL.replace("https", "http"), "--wheel-hash", HASH),
        ("--wheel", WHEEL.replace("//", "//user:password@"), "--wheel-hash", HASH),
        ("--wheel", f"{WHEEL} --index-url=https://evil.example", "--wheel-hash", HASH),
        ("--wheel", "nt24-reconciler", "--wheel-hash", HASH),
        ("--wheel", "nt24_reconciler-0.1.0-py3-none-any.whl", "--wheel-hash", HASH),
        ("--wheel", "../nt24_reconciler-0.1.0-py3-none-any.whl", "--wheel-hash", HASH),
    ],
)
def test_an_origin_that_is_none_is_refused_before_anything_is_written(tmp_path: Path, given: tuple[str, ...]) -> None:
    refused = init(str(tmp_path / "new"), *EVERY_PART, *given)

    assert isinstance(refused.exception, WrongUsage)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this repository."""
    folder = tmp_path_factory.mktemp("dist")
    hatchling = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    subprocess.run(hatchling, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_pip_installs_a_wheel_in_the_repository_and_refuses_another_in_its_place(built: Path, tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    wheel = Path(shutil.copy(built, tmp_path / "vendor"))
    digest = f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"
    place = f"vendor/{wheel.name}"
    assert isinstance(
        init(str(tmp_path), "--with=container", "--wheel", place, "--wheel-hash", HASH).exception, WrongUsage
    )
    assert init(str(tmp_path), "--with=container", "--wheel", place, "--wheel-hash", digest).exit_code == 0
    assert f"COPY {place} /install/{place}" in (tmp_path / "Containerfile").read_text(encoding="utf-8")
    # What the wheel needs comes from an index, which is not asked here.
    text = (tmp_path / "requirements.txt").read_text(encoding="utf-8")
    (tmp_path / "requirements.txt").write_text("\n".join(text.splitlines()[:3]), encoding="utf-8")

    def install() -> "subprocess.CompletedProcess[str]":
        arguments = ("--no-index", "--no-deps", "--target", "out", "--require-hashes", "--requirement")
        return subprocess.run(
            [sys.executable, "-I", "-m", "pip", "install", *arguments, "requirements.txt"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert install().returncode == 0, install().stderr
    assert (tmp_path / "out" / "reconciler" / "starter" / "lock" / "requirements.txt").is_file()
    wheel.write_bytes(wheel.read_bytes() + b"changed")
    refused = install()
    assert refused.returncode == 1
    assert "DO NOT MATCH THE HASHES" in refused.stderr


def test_a_person_on_a_terminal_is_asked_for_the_origins(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("reconciler")), "init", str(tmp_path), *EVERY_PART]
    ours, theirs = os.openpty()
    with os.fdopen(ours, "wb", buffering=0) as keyboard:
        keyboard.write(f"{ACTION}\n{WHEEL}\n{HASH}\n".encode())
        done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, check=False)
        os.close(theirs)

    assert done.returncode == 0, done.stderr
    assert f"uses: {ACTION}" in (tmp_path / ".github" / "workflows" / "drift.yml").read_text(encoding="utf-8")
    assert f"@ {WHEEL}" in (tmp_path / "requirements.txt").read_text(encoding="utf-8")


def listed(text: str, command: str) -> dict[str, set[str]]:
    """Return what the commands of a list set, optional settings too, by the environment."""
    found: dict[str, set[str]] = {}
    each: list[str] = []
    for line in text.splitlines():
        if loop := re.match(r"for environment in (.*); do", line):
            each = loop[1].split()
        elif setting := re.match(rf"(?:  )?(?:# )?{command} set (\w+) --(?:env|scope) (\S+)", line):
            for name in each if setting[2] == '"$environment"' else [setting[2]]:
                found.setdefault(name, set()).add(setting[1])
    return found


@pytest.mark.parametrize("login", ["token", "secret"])
def test_every_variable_of_a_workflow_of_github_is_listed_and_no_other(tmp_path: Path, login: str) -> None:
    repository = made(tmp_path, "--login", login)
    used: dict[str, set[str]] = {}
    for path in repository.glob(".github/workflows/*.yml"):
        for job in content(path)["jobs"].values():
            names = re.findall(r"(?:vars|secrets)\.(\w+)", json.dumps(job))
            used.setdefault(job.get("environment", ""), set()).update(names)

    readme = (repository / "README.md").read_text(encoding="utf-8")
    assert used.pop("") == set()
    assert used.pop("reconciler-permit") == set()
    assert listed(readme, "gh (?:variable|secret)") == used


@pytest.mark.parametrize("login", ["token", "secret"])
def test_every_variable_of_the_pipeline_of_gitlab_is_listed(tmp_path: Path, login: str) -> None:
    repository = made(tmp_path, "--login", login)
    found = listed((repository / "README.md").read_text(encoding="utf-8"), "glab variable")
    by_secret = {"KEYCLOAK_CLIENT_ID", "KEYCLOAK_CLIENT_SECRET"}
    jobs = [job for job in content(repository / ".gitlab-ci.yml").values() if isinstance(job, dict)]

    environments = {environment.name: environment for environment in ENVIRONMENTS}
    assert found.keys() == environments.keys()
    for job in [job for job in jobs if "environment" in job]:
        place = job["environment"]
        used = {name for name in re.findall(r"\$\{?([A-Z]\w+)", "\n".join(job["script"])) if name[:3] != "CI_"}
        assert used - {"GITLAB_USER_LOGIN"} <= found[place["name"]]
        assert environments[place["name"]].tier == place["deployment_tier"]
        assert TARGETS | {"KEYCLOAK_REALM"} <= found[place["name"]]
        assert by_secret & found[place["name"]] == (by_secret if login == "secret" else set())
        assert ("id_tokens" in job) is (login == "token")


@pytest.mark.parametrize(
    ("path", "pattern", "chapter", "listing"),
    [
        ("deploy/atlantis/repos.yaml", r"printenv (\w+)|\$\{([A-Z]\w+)", "Atlantis", r"^\| `(\w+)`"),
        ("deploy/kubernetes/drift-cronjob.yaml", r"key: (\w+)", "the CronJob", r"--from-\w+=(\w+)"),
        ("deploy/systemd/reconciler-drift.service", r"\$\{(\w+)", "the timer", r"^\| `(\w+)`"),
    ],
)
def test_every_variable_of_another_runner_is_listed(
    repository: Path, path: str, pattern: str, chapter: str, listing: str
) -> None:
    text = (repository / path).read_text(encoding="utf-8")
    used = {name for groups in re.finditer(pattern, text) for name in groups.groups() if name}
    (needs,) = re.findall(rf"## What {chapter} needs\n(.*?)(?:\n## |\Z)", readme_of(repository), re.DOTALL)

    assert used
    assert used <= set(re.findall(listing, needs, re.MULTILINE))


def readme_of(repository: Path) -> str:
    return (repository / "README.md").read_text(encoding="utf-8")


def test_what_is_needed_is_printed_and_stands_in_a_new_readme(tmp_path: Path) -> None:
    done = init(str(tmp_path), "--with", "github", "--action", ACTION)
    chapter = readme_of(tmp_path).partition("## What GitHub needs")[2]

    assert chapter.strip() in done.stdout
    assert "## What" not in init(str(tmp_path / "bare")).stdout
    assert readme_of(tmp_path / "bare").endswith("changes both.\n")
    assert "README.md was kept" not in done.output
    assert "README.md was kept, and does not hold" in init(str(tmp_path / "bare"), "--with", "systemd").output


PROTECTION = "repos/{owner}/{repo}/branches/main/protection"


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        ("echo 'gh: Branch not protected (HTTP 404)' >&2; exit 1", 1),
        ("exit 0", 0),
        ("echo 'gh: Resource not accessible (HTTP 403)' >&2; exit 1", 0),
        ("echo 'error connecting to api.github.com' >&2; exit 1", 0),
    ],
)
@pytest.mark.parametrize("options", ["-e", "-eo pipefail"])
def test_a_protection_of_the_branch_that_is_there_is_not_replaced(
    tmp_path: Path, answer: str, sent: int, options: str
) -> None:
    made(tmp_path / "repository")
    (commands,) = re.findall(r"^(found=.*?^esac)$", readme_of(tmp_path / "repository"), re.DOTALL | re.MULTILINE)
    gh = tmp_path / "gh"
    gh.write_text(
        f'#!/bin/sh\ncase "$*" in *PUT*) echo "$*" >> "{tmp_path}/sent"; cat >/dev/null;; *) {answer};; esac\n'
    )
    gh.chmod(0o755)
    done = subprocess.run(
        ["bash", *options.split(), "-c", commands], env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = (tmp_path / "sent").read_text().splitlines() if sent else []
    assert told == [f"api --silent --method PUT {PROTECTION} --input -"] * sent
    assert (tmp_path / "sent").exists() is bool(sent)
    assert ("was left: see that it demands an approval" in done.stderr) is not bool(sent)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize("login", ["token", "secret"])
def test_the_commands_that_create_what_is_needed_are_valid_for_bash(tmp_path: Path, login: str) -> None:
    assert init(str(tmp_path), *EVERY_PART, "--login", login).exit_code == 0
    blocks = re.findall(r"^```sh\n(.*?)^```$", readme_of(tmp_path), re.DOTALL | re.MULTILINE)

    assert len(blocks) == 4
    for block in blocks:
        subprocess.run(["bash", "-n"], input=block, text=True, check=True)


def test_a_part_that_is_added_takes_the_systems_of_the_settings_that_are_there(tmp_path: Path) -> None:
    """A repository that was made long ago, and one whose settings somebody wrote."""
    ours = "environments:\n  production: {keycloak: {url: https://idp.own.example, realm: own}}\n"
    (tmp_path / "reconciler.yaml").write_text(ours, encoding="utf-8")

    done = init(str(tmp_path), "--with", "github", "--api-url", "https://api.own.example", *ORIGINS[:2])

    assert done.exit_code == 0, done.output
    assert "gh variable set KEYCLOAK_URL" in done.stdout
    assert "https://idp.own.example" in done.stdout
    assert 'NT24_REALM --env "$environment" --body own' in done.stdout
    assert "https://api.own.example" in done.stdout
    assert (tmp_path / "reconciler.yaml").read_text(encoding="utf-8") == ours


@pytest.mark.parametrize(
    ("settings", "arguments", "words"),
    [
        ("environments: {a: {keycloak: {url: https://a.example}}}", ("--keycloak-url", "https://b.example"),
         "exists and names https://a.example, not --keycloak-url https://b.example."),
        ("environments: {a: {}, b: {}}", (), "several environments, and none is the default: a, b."),
        ("environments: {a: {relm: x}}", (), "1 problem in the settings."),
        (None, ("--login", "secret"), "--login has no effect without --with github or --with gitlab."),
        (None, ("--with", "kubernetes", "--login", "secret"), "--login has no effect without --with github or"),
        (None, ("--issuer", "https://gitlab.own.example"), "--issuer has no effect without --with github or"),
        (None, ("--with", "gitlab", *ORIGINS[:2]), "--action has no effect without --with github."),
        (None, ("--with", "github", *ORIGINS[2:]), "--wheel has no effect without --with gitlab or --with container."),
    ],
)  # fmt: skip
def test_what_has_no_effect_or_contradicts_is_refused_before_anything_is_written(
    tmp_path: Path, settings: str | None, arguments: tuple[str, ...], words: str
) -> None:
    if settings:
        (tmp_path / "reconciler.yaml").write_text(settings, encoding="utf-8")

    done = init(str(tmp_path), *arguments)

    assert words in str(done.exception), done.output
    assert isinstance(done.exception, WrongUsage | SettingsError)
    assert {path.name for path in tmp_path.iterdir()} <= {"reconciler.yaml"}
