"""The examples of tokens in docs/python-api.md run as they are written."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.nt24_tokens.issuing import issuing

DOCUMENT = Path(__file__).parents[3] / "docs" / "python-api.md"
TOKENS = DOCUMENT.read_text(encoding="utf-8").partition("# Plans in your own programs")[0]
EXAMPLES = re.findall(r"```python\n(.*?)```", TOKENS, re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_document_runs(number: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with issuing() as endpoint:
        endpoint.me = {"name": "Acme Motors GmbH"}
        monkeypatch.setenv("KEYCLOAK_URL", endpoint.url)
        monkeypatch.setenv("NT24_CLIENT_ID", "api-client-acme-motors")
        monkeypatch.setenv("NT24_CLIENT_SECRET", "correct-horse-battery")
        (tmp_path / "nt24").write_text("correct-horse-battery\n", encoding="ascii")
        text = EXAMPLES[number]
        for there, here in (
            ("https://api.example", endpoint.url),
            ("https://idp.example", endpoint.url),
            ("/run/secrets/nt24", str(tmp_path / "nt24")),
        ):
            text = text.replace(there, here)
        names: dict[str, Any] = {}
        exec(compile(text, str(DOCUMENT), "exec"), names)
        if "name" in names:
            assert asyncio.run(names["name"]()) == "Acme Motors GmbH"
        elif "api" not in names:
            assert names["tokens"].token() == "1"
        assert len(endpoint.forms) == 1
