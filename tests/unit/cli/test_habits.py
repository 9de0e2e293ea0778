"""What users of Terraform, kubectl and git type works, or is told in one sentence what it is called here."""

import sys
from pathlib import Path

import pytest

from reconciler.cli.habits import word_near
from reconciler.cli.main import main
from reconciler.model.errors import ExitCode
from reconciler.review.plan_json import plan_json
from tests.unit.cli.test_formats import A_PLAN, VALID


@pytest.fixture(autouse=True)
def a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme.yaml").write_text(VALID, encoding="utf-8")
    (tmp_path / "saved.plan").write_text(plan_json(A_PLAN), encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def typed(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["reconciler", *line.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, captured.out + captured.err


WORKS = (
    ("version", "reconciler, version"),
    ("--version", "reconciler, version"),
    ("-h", "Commands:"),
    ("validate .", "Valid: 1 organization"),
    ("explain --recursive organization", "organization"),
    ("-version", "reconciler, version"),
    ("help", "Commands:"),
    ("-help", "Commands:"),
    ("help plan", "reconciler plan [OPTIONS]"),
    ("help rotate start", "reconciler rotate start [OPTIONS]"),
    ("plan -help", "reconciler plan [OPTIONS]"),
    ("history -help", "reconciler history [OPTIONS]"),
    ("validate -json", "{"),
    ("show -json saved.plan", '"changes"'),
    ("show saved.plan -format=markdown", "##"),
    ("show -format markdown saved.plan -no-color", "##"),
    ("fmt --write", ""),
    ("fmt -recursive -write", ""),
    ("schema -out=schema.json", ""),
    ("graph -target organization/acme", "organization/acme"),
    ("graph -target=organization/acme", "organization/acme"),
)


@pytest.mark.parametrize(("line", "words"), WORKS)
def test_what_exists_here_works_as_it_is_typed_there(
    line: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = typed(line, monkeypatch, capsys)

    assert (code, words in said) == (ExitCode.DONE, True), said


WORDS = (
    ("plan -var-file=prod.tfvars", "No such option '-var-file'", "--env NAME"),
    ("plan --var-file prod.tfvars", "No such option '--var-file'", "--env NAME"),
    ("plan -var a=b", "No such option '-var'", "--overlays DIR"),
    ("apply --yes", "No such option '--yes'", "Use --auto-approve."),
    ("apply -y", "No such option '-y'", "Use --auto-approve."),
    ("plan --yes", "No such option '--yes'", "never asks"),
    ("plan -auto-approve", "No such option '-auto-approve'", "never asks"),
    ("validate -input=false", "No such option '-input'", "never asks"),
    ("apply saved.plan --target organization.acme", "Did you mean organization/acme?", "An address is"),
    ("apply -input=false", "nobody may be asked (--input=false)", "--auto-approve"),
    ("plan -refresh-only", "No such option '-refresh-only'", "Use drift"),
    ("plan -refresh=false", "No such option '-refresh'", "read with each plan"),
    ("plan -replace=client/acme/api-client-acme", "No such option '-replace'", "rotate"),
    ("apply -state=x.tfstate", "No such option '-state'", "no state file"),
    ("apply -backup=x", "No such option '-backup'", "no state file"),
    ("apply -lock=false", "No such option '-lock'", "Use --lock-timeout."),
    ("plan -lock-timeout=5m", "No such option '-lock-timeout'", "takes no lock"),
    ("apply --dry-run", "No such option '--dry-run'", "plan shows what apply would change"),
    ("fmt --dry-run", "No such option '--dry-run'", "Use --check."),
    ("plan -o json", "No such option '-o'", "Use --format."),
    ("plan -ojson", "No such option '-ojson'", "Did you mean '--json'?"),
    ("plan -otu=x", "No such option '-otu'", "Did you mean '--out'?"),
    ("plan --targte x", "No such option '--targte'", "Did you mean '--target'?"),
    ("plan -n x", "No such option '-n'", "Use --realm."),
    ("drift -detailed-exitcode", "No such option '-detailed-exitcode'", "exit code"),
    ("-chdir=x plan", "No such option '-chdir'", "-f DIR"),
    ("init -upgrade", "No such option '-upgrade'", "no backend"),
    ("pln", "No such command 'pln'", "Did you mean 'plan'?"),
    ("help pln", "No such command 'pln'", "Did you mean 'plan'?"),
    ("history shwo", "No such command 'shwo'", "Did you mean 'show'?"),
    ("help plan x", "reconciler plan has no commands", ""),
    ("state list", "No such command 'state'", "Use list"),
    ("destroy", "No such command 'destroy'", "plan --destroy"),
    ("show --destroy saved.plan", "No such option '--destroy'", "Use plan --destroy"),
    ("plan --destroy --base HEAD", "--destroy cannot be combined with --base", ""),
    ("apply saved.plan --destroy", "--destroy cannot be combined with a PLANFILE", ""),
    ("apply saved.plan --exclude acme", "--exclude cannot be combined with a PLANFILE", ""),
    ("refresh", "No such command 'refresh'", "Use drift"),
    ("output", "No such command 'output'", "show"),
    ("workspace list", "No such command 'workspace'", "--env NAME"),
    ("login", "No such command 'login'", "credentials"),
    ("taint x", "No such command 'taint'", "rotate"),
    ("console", "No such command 'console'", "show --resolved"),
    ("get clients", "No such command 'get'", "Use list"),
    ("delete client x", "No such command 'delete'", "--allow-delete"),
    ("rollback", "No such command 'rollback'", "git"),
    ("frobnicate", "No such command 'frobnicate'.", ""),
    ("terraform show", "No such command 'terraform'", "without that word"),
    ("show", "Name either a PLANFILE", "For what is managed: list."),
    ("state show organization/acme", "No such command 'state'", "Use list"),
    ("plan -no-color -refresh-only", "No such option '-refresh-only'", "Use drift"),
    ("apply -target=organization/acme -refresh-only", "No such option '-refresh-only'", "Use drift"),
    ("apply -parallelism=4 -auto-approve -lock=false", "No such option '-lock'", "Use --lock-timeout."),
    ("apply --dry-run=client", "No such option '--dry-run'", "plan shows what apply would change"),
    ("apply --non-interactive", "No such option '--non-interactive'", "Use --auto-approve."),
    ("apply --wait", "No such option '--wait'", "Use --verify-timeout."),
    ("apply -k overlays", "No such option '-k'", "--overlays DIR"),
    ("apply --server-side", "No such option '--server-side'", "field by field"),
    ("import client/acme/x 123", "is the address of another kind", "organization"),
    ("import ADDR ID", "Missing option '--out'", "apply adopts what is declared"),
    ("workspace select staging", "No such command 'workspace'", "--env NAME"),
    ("plan -e staging", "No such option '-e'", "Use --env."),
    ("plan --quiet", "No such option '--quiet'", "Use --summary."),
    ("plan --only organization/acme", "No such option '--only'", "Use --target."),
    ("diff --stat", "No such option '--stat'", "Use --summary."),
    ("diff --cached", "No such option '--cached'", "the work tree, or commits"),
    ("diff --exit-code", "No such option '--exit-code'", "Use --detailed-exitcode."),
    ("graph -type=plan", "No such option '-type'", "Use --format."),
    ("providers lock", "No such command 'providers'", "no providers"),
    ("output -json", "No such command 'output'", "show"),
    ("describe organization acme", "No such command 'describe'", "Use list"),
    ("-v", "No such option '-v'", "Use reconciler --version"),
    ("-V", "No such option '-V'", "Use reconciler --version"),
    ("install", "No such command 'install'", "plan and apply"),
    ("uninstall acme", "No such command 'uninstall'", "plan --destroy"),
    ("template .", "No such command 'template'", "show --resolved"),
    ("scaffold", "No such command 'scaffold'", "Use init"),
    ("plan nowhere", "There is nothing at nowhere", "a folder with manifests"),
)  # fmt: skip


@pytest.mark.parametrize(("line", "what", "instead"), WORDS)
def test_what_does_not_exist_here_says_what_to_use(
    line: str, what: str, instead: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = typed(line, monkeypatch, capsys)

    assert (code, what in said, instead in said) == (ExitCode.USAGE, True, True), said


def test_a_value_that_looks_like_an_option_stays_a_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _ = typed("schema --out -json", monkeypatch, capsys)

    assert code == ExitCode.DONE
    assert (tmp_path / "-json").is_file()


def test_a_misspelt_option_of_another_program_has_its_word() -> None:
    assert word_near("--yess", {"--auto-approve"}) == "Use --auto-approve."
    assert word_near("--zzz", {"--auto-approve"}) is None
