"""However many problems manifests have, a thousand are shown, and how many there are."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.e2e import fork_server

_HEAD = "apiVersion: reconciler/v1\nkind: IntegrationOrganization\nmetadata: {name: acme}\nspec:\n"
_UNKNOWN = "".join(f"  k{number}: 1\n" for number in range(3000))


@pytest.mark.parametrize(
    ("arguments", "settings", "count"),
    [
        (("validate",), {}, lambda out, _: out.count("m.yaml:")),
        (("validate", "--format", "json"), {}, lambda out, _: len(json.loads(out)["problems"])),
        (("validate", "--format", "sarif"), {}, lambda out, _: len(json.loads(out)["runs"][0]["results"]) - 1),
        (("validate", "--format", "junit"), {}, lambda out, _: len(ET.fromstring(out).findall(".//failure")) - 1),
        (("plan",), {}, lambda _, err: err.count("m.yaml:")),
        (("plan",), {"RECONCILER_LOG_FORMAT": "json"}, lambda _, err: len(json.loads(err)["problems"])),
    ],
)  # fmt: skip
def test_a_thousand_are_shown(
    arguments: tuple[str, ...], settings: dict[str, str], count: Callable[[str, str], int], tmp_path: Path
) -> None:
    (tmp_path / "m.yaml").write_text(_HEAD + _UNKNOWN, encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **settings}

    done = fork_server.run(arguments, tmp_path, environment)

    assert done.returncode == 1
    assert count(done.stdout, done.stderr) == 1000
    assert "3002" in done.stdout + done.stderr
    assert "k5" in done.stdout + done.stderr
    assert "k2999" not in done.stdout + done.stderr
