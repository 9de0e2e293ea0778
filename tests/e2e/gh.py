"""GitHub's command line, as far as the action uses it: ``gh api`` on comments, issues and approvals, in ``FORGE``."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

BOT: Final = "github-actions[bot]"


def main(arguments: list[str]) -> None:
    """Answer one call of ``gh api``."""
    assert arguments.pop(0) == "api"
    assert os.environ["GH_TOKEN"] == "token-of-the-job"
    method, path, jq, fields = "GET", "", "", dict[str, str]()
    while arguments:
        word = arguments.pop(0)
        if word == "--method":
            method = arguments.pop(0)
        elif word == "--jq":
            jq = arguments.pop(0)
        elif word in {"--field", "--raw-field"}:
            name, _, value = arguments.pop(0).partition("=")
            from_file = word == "--field" and value.startswith("@")
            fields[name] = Path(value[1:]).read_text(encoding="utf-8") if from_file else value
        elif word not in {"--paginate", "--silent"}:
            assert not path, word
            path = word
    kept = Path(os.environ["FORGE"])
    everything = json.loads(kept.read_text(encoding="utf-8"))
    answer = _answer(everything, method, path, fields)
    kept.write_text(json.dumps(everything), encoding="utf-8")
    if jq:
        subprocess.run(["jq", "--raw-output", jq], input=json.dumps(answer), text=True, check=True)


def _answer(everything: dict[str, Any], method: str, path: str, fields: dict[str, str]) -> Any:
    if path == "repos/acme/integrations/actions/runs/4711/approvals":
        assert json.loads(os.environ["FORGE_PERMISSIONS"]).get("actions") == "read"
        return everything["approvals"]
    found = re.fullmatch(
        r"repos/acme/integrations/issues(?:/(\d+)|/comments/(\d+)|/(\d+)/comments)?(\?state=open)?", path
    )
    assert found, path
    issue, comment, commented, _ = found.groups()
    kind = "comments" if comment or commented else "issues"
    entries = everything[kind]
    if method == "GET":
        return [each for each in entries if each["state"] == "open"]
    if method == "POST":
        number = len(entries) + 100
        entries.append({"id": number, "number": number, "state": "open", "user": {"login": BOT}, **fields})
        return entries[-1]
    assert method == "PATCH"
    (entry,) = [each for each in entries if each["id"] == int(comment or issue)]
    entry.update(fields)
    return entry


if __name__ == "__main__":
    main(sys.argv[1:])
