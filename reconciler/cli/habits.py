"""What users of Terraform, kubectl and git type, and what it is called here.

An option or a command that exists under that name simply works. What does not exist, and has no use here or another
name, gets one sentence that names what to use; it is a usage error like any other.
"""

from collections.abc import Collection
from typing import Final, NamedTuple


class _Option(NamedTuple):
    """An option of another program: ``instead`` where the command has one of those, otherwise what the words say."""

    names: tuple[str, ...]
    words: str
    instead: tuple[str, ...] = ()


_OPTIONS: Final = (
    _Option(("--var-file", "--var", "--vars", "--set", "--values", "--kustomize", "-k"),
            "Differences between environments belong in overlays (--overlays DIR), "
            "selected by an environment of reconciler.yaml: --env NAME."),
    _Option(("--yes", "-y", "--auto-apply", "--assume-yes", "--confirm", "--approve", "--no-input", "--non-interactive",
             "--batch", "--ci"), "This command never asks.", ("--auto-approve",)),
    _Option(("--auto-approve",), "This command never asks."),
    _Option(("--input",), "This command never asks.", ("--auto-approve",)),
    _Option(("--wait",), "apply always waits until the changes took effect.", ("--verify-timeout",)),
    _Option(("--only", "--select", "--resource"), "This command takes no addresses.", ("--target",)),
    _Option(("--refresh-only",), "Use drift: it shows what was changed in the live systems."),
    _Option(("--refresh",), "The live systems are read with each plan."),
    _Option(("--replace",), "There is no forced replacement: rotate replaces a secret; to recreate a resource, "
            "remove it from the manifests, apply --allow-delete, and declare it again."),
    _Option(("--state", "--state-out", "--backup"), "There is no state file: what is managed is recorded in Keycloak."),
    _Option(("--lock",), "A run that writes always takes the lock.", ("--lock-timeout",)),
    _Option(("--lock-timeout",), "This command takes no lock."),
    _Option(("--dry-run", "--check"), "plan shows what apply would change, and writes nothing.",
            ("--check", "--diff")),
    _Option(("--destroy",), "Use plan --destroy; or remove it from the manifests, then plan --allow-delete."),
    _Option(("--out",), "Use plan --out FILE, then apply FILE."),
    _Option(("--output", "-o"), "This command has one format.", ("--format", "--json")),
    _Option(("--stat", "--shortstat", "--name-only", "--name-status"), "This command has no summary.", ("--summary",)),
    _Option(("--cached", "--staged", "--index"), "The index is not compared: diff compares the work tree, or commits."),
    _Option(("--exit-code",), "Exit codes are in the table of README.md.", ("--detailed-exitcode",)),
    _Option(("--type",), "This command has one format.", ("--format",)),
    _Option(("--json",), "This command has one format.", ("--format",)),
    _Option(("--detailed-exitcode",), "This command always has a detailed exit code: see the table in README.md."),
    _Option(("--no-color", "--no-colour", "--color", "--colour"), "Set NO_COLOR=1.", ("--no-color",)),
    _Option(("--quiet", "-q", "--silent"), "Redirect standard error; results are on standard output.", ("--summary",)),
    _Option(("--parallelism", "--compact-warnings"), "This command does not need it: remove it."),
    _Option(("--upgrade", "--reconfigure", "--migrate-state", "--backend", "--backend-config"),
            "There are no providers and no backend: remove it."),
    _Option(("--generate-config-out",), "Use import --out DIR: it generates manifests from the live realm."),
    _Option(("--chdir", "-C"), "Change the folder first, or name the manifests: -f DIR."),
    _Option(("--namespace", "-n"), "The realm is what is managed: NT24_REALM, or an environment of reconciler.yaml.",
            ("--realm",)),
    _Option(("--context", "--kubeconfig", "--profile", "--workspace", "--environment", "--stage", "-e"),
            "An environment of reconciler.yaml defines what is managed: --env NAME.", ("--env",)),
    _Option(("--filename",), "This command reads no manifests.", ("--file",)),
    _Option(("--recursive", "-R"), "Folders are always read recursively: remove it."),
    _Option(("--prune", "--delete"), "Resources that are no longer declared are deleted by apply --allow-delete.",
            ("--allow-delete",)),
    _Option(("--server-side",), "Keycloak is always compared field by field with what was last applied: remove it."),
    _Option(("--force-conflicts",), "apply --allow-takeover takes over what another reconciler owns.",
            ("--allow-takeover",)),
    _Option(("--debug", "--trace"), "RECONCILER_VERBOSITY=2 shows each request.", ("--verbose",)),
    _Option(("--install-autocomplete",), "Use completion bash|zsh|fish: it prints the script."),
    _Option(("-v",), "Use reconciler --version; after a command that sends requests, -v shows them."),
    _Option(("--version", "-V"), "Use reconciler --version."),
)  # fmt: skip

_FROM_PLAN: Final = "Use plan; plan --json for programs."
_COMMANDS: Final = {
    ("state", "ls"): "Use list; there is no state file, what is managed is recorded in Keycloak.",
    (
        "destroy",
        "delete",
        "rm",
        "remove",
        "uninstall",
        "down",
        "prune",
    ): "Use plan --destroy (--target ADDRESS for one resource), then "
    "apply --allow-delete; or remove it from the manifests.",
    ("refresh", "status"): "Use drift: it shows what was changed in the live systems.",
    ("output",): "Use show PLANFILE --json for a plan, show --resolved for the manifests, me for effective values.",
    ("workspace", "env", "context"): "Environments are declared in reconciler.yaml, and selected by --env NAME.",
    ("login", "logout"): "Each run logs in with the credentials of its environment variables (README.md, Settings); "
    "the command says why it is refused.",
    ("taint", "untaint"): "There is no forced replacement: rotate replaces a secret; to recreate a resource, "
    "remove it from the manifests, apply --allow-delete, and declare it again.",
    ("console",): "Use show --resolved for the manifests of an environment, me for effective values.",
    (
        "get",
        "describe",
        "inspect",
        "search",
        "find",
        "info",
    ): "Use list for what is managed, me for the effective values of a client, import for manifests of the live realm.",
    ("providers", "modules", "upgrade"): "There are no providers or modules to install: remove it.",
    ("test", "check", "lint", "verify"): "Use validate: it checks manifests offline.",
    ("format",): "Use fmt.",
    ("preview", "dry-run"): _FROM_PLAN,
    ("terraform", "tofu", "kubectl", "helm", "git"): "Type the command without that word; reconciler help lists them.",
    (
        "up",
        "deploy",
        "sync",
        "run",
        "create",
        "edit",
        "patch",
        "push",
        "replace",
        "update",
        "install",
        "reconcile",
        "converge",
        "scale",
        "label",
        "annotate",
        "commit",
    ): "Change the manifests, then plan and apply.",
    ("rollout", "rollback", "undo", "revert", "reset", "restore"): "Revert the manifests in git, then plan and apply; "
    "history shows past runs.",
    ("logs", "log", "events", "blame"): "Use history for past runs, and drift for changes made by others.",
    (
        "pull",
        "export",
        "dump",
        "backup",
        "generate",
    ): "Use import --out DIR: it generates manifests from the live realm.",
    ("moved", "mv", "move", "rename"): "Write the old name into the manifest (metadata.renamedFrom), then plan.",
    ("unlock", "lock"): "A run that writes takes the lock by itself; force-unlock removes that of a dead run.",
    ("setup", "new", "scaffold"): "Use init: it creates a repository of manifests, with CI.",
    (
        "template",
        "render",
        "kustomize",
    ): "Use show --resolved: it prints the manifests as an environment resolves them.",
    ("wait", "watch"): "apply waits until its changes took effect; run drift on a schedule (docs/drift.md).",
    ("checkout", "switch", "branch"): "Use git for revisions; diff and plan --base compare them.",
    ("secrets", "secret"): "Use rotate: it makes new secrets, and delivers them to a sink.",
    ("metadata", "api-versions"): "Use schema, or explain.",
    ("whoami", "auth"): "Use doctor for the login and its permissions, me for the effective values of a client.",
    ("config",): "Settings are in reconciler.yaml; schema settings prints its schema.",
    ("api-resources",): "Use explain: it describes every key of a manifest.",
}


def word_for_option(name: str, known: Collection[str]) -> str | None:
    """Return what to use for an option that a command with the ``known`` ones does not have; None if nobody can say.

    ``name`` is as it was typed, with one dash or two, and without its value.
    """
    typed = name if len(name) == 2 else f"--{name.lstrip('-')}"
    for option in _OPTIONS:
        if typed in option.names:
            found = next((each for each in option.instead if each in known), None)
            return f"Use {found}." if found else option.words
    return None


def word_near(name: str, known: Collection[str]) -> str | None:
    """Return what to use for a misspelt option of another program; None if it is near none."""
    from difflib import get_close_matches

    near = get_close_matches(
        f"--{name.lstrip('-')}", [each for option in _OPTIONS for each in option.names], n=1, cutoff=0.8
    )
    return word_for_option(near[0], known) if near else None


def word_for_command(name: str) -> str | None:
    """Return what to use for a command that there is not; None if nobody can say."""
    return next((words for names, words in _COMMANDS.items() if name in names), None)
