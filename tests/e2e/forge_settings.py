"""``gh`` and ``glab``, as far as the commands that ``reconciler init`` prints use them: they keep what was set.

The file ``FORGE_SETTINGS`` holds it: environments with their variables, secrets and rules, and the rest by its path.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

PROJECT: Final = "acme/integrations"
ANSWERS: Final = {
    "user": {"id": 7, "login": "grace"},
    "repos/{owner}/{repo}": {
        "owner": {"login": "acme", "id": 1},
        "name": "integrations",
        "id": 2,
        "full_name": PROJECT,
    },
    "projects/:id": {"path_with_namespace": PROJECT},
}


def main(program: str, words: list[str]) -> None:
    """Do one command."""
    kept = Path(os.environ["FORGE_SETTINGS"])
    everything = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {"environments": {}}
    command, *rest = words
    options, places = parsed(rest)
    if command == "api":
        api(everything, options, *places)
    elif command == "schedule":
        everything["schedule"] = options
    else:
        assert places.pop(0) == "set"
        (name,) = places
        is_secret = command == "secret" or "--masked" in options
        value = options.get("--body", options.get("--value"))
        assert (value is None) is is_secret
        place = environment(everything, options["--env" if program == "gh" else "--scope"])
        kind = "secrets" if is_secret else "variables"
        place[kind][name] = sys.stdin.read().strip() if value is None else value
    kept.write_text(json.dumps(everything), encoding="utf-8")


def parsed(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the options, and what stands beside them."""
    options, places = dict[str, str](), list[str]()
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            places.append(word)
        elif word in {"--silent", "--masked", "--protected"}:
            options[word] = ""
        else:
            assert word in KNOWN, word
            options[word] = words.pop(0)
    return options, places


KNOWN: Final = {
    "--method", "--jq", "--input", "--raw-field", "--header", "--env", "--scope", "--body", "--value",
    "--cron", "--ref", "--description", "--variable",
}  # fmt: skip


def environment(everything: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = everything["environments"].setdefault(name, {"variables": {}, "secrets": {}, "rules": {}})
    return found


def api(everything: dict[str, Any], options: dict[str, str], path: str) -> None:
    if options.get("--method", "GET") == "GET":
        if path not in everything | ANSWERS:
            sys.exit("gh: Branch not protected (HTTP 404)")
        if "--silent" in options:
            return
        answer = json.dumps(ANSWERS[path])
        if "--jq" in options:
            subprocess.run(["jq", "--raw-output", options["--jq"]], input=answer, text=True, check=True)
        else:
            sys.stdout.write(answer)
        return
    body = json.loads(sys.stdin.read()) if "--input" in options else {"field": options["--raw-field"]}
    if found := re.fullmatch(r"repos/{owner}/{repo}/environments/([\w-]+)(/deployment-branch-policies)?", path):
        environment(everything, found[1])["rules"] |= body
    elif path in {"projects/:id/environments", "projects/:id/protected_environments"}:
        environment(everything, body["name"])["rules"] |= body
    else:
        everything[path] = body


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
