"""What is wrong with a target is told where the target was read: a variable, an option, or a line of the settings."""

import os
from pathlib import Path

import pytest

from tests.e2e import fork_server

EXAMPLE = Path(__file__).parents[3] / "examples" / "nordwind-handel.yaml"
CLOSED = "https://127.0.0.1:1"
PLAN = ("plan", "-f", "a.yaml", "--no-effective")


@pytest.mark.parametrize(
    ("setting", "arguments", "code", "said"),
    [
        (f"keycloak: {{url: '{CLOSED}'}}", PLAN, 3, "Check host and port in environments.here.keycloak.url ({})"),
        (f"keycloak: {{url: '{CLOSED}'}}", ("doctor",), 3, "host and port in environments.here.keycloak.url"),
        (f"keycloak: {{url: '{CLOSED}'}}", (*PLAN, "--keycloak-url", CLOSED), 3, "host and port in --keycloak-url,"),
        ("keycloak: {url: http://kc.example}", PLAN, 64, "Use https:// in environments.here.keycloak.url ({}), or"),
        ("keycloak: {url: https://kc.example/a b}", PLAN, 64, "{}:21: environments.here.keycloak.url: The value is"),
        ('keycloak: {url: "https://kc.example\\n"}', PLAN, 64, "{}:21: environments.here.keycloak.url: The text"),
        ("api: {url: 'https://127.0.0.1 1'}", PLAN, 64, "{}:16: environments.here.api.url: The value is not the URL"),
        ("keycloak: {realm: ..}", PLAN, 64, "{}:23: environments.here.keycloak.realm: '..' is invalid"),
        ("keycloak: {realm: other}", ("plan", "-f", "r.yaml"), 64, "realm nt24 by environments.here.keycloak.realm"),
        ("manifests: gone", ("plan", "--no-effective"), 64, "at gone, where environments.here.manifests ({}) says"),
        ("overlays: gone", ("validate", "-f", "a.yaml"), 64, "at gone, where environments.here.overlays ({}) says"),
        ("history: 'postgresql://h:abc/x'", ("history",), 1, "Write environments.here.history ({}) as sqlite:///PATH"),
        ("history: 'sqlite:////proc/x/y'", ("history",), 1, "Correct environments.here.history ({}), or set it"),
        ("sink: vault", PLAN, 64, "{}:11: environments.here.sink: There is no sink 'vault'."),
        ("default: true\n  b: {default: true}", PLAN, 64, "reconciler.yaml:4:16: environments.b.default: The env"),
        (
            "notifications: [{kind: slack, urlFrom: https://hooks.example.com/x}]", ("drift", "-f", "a.yaml"), 64,
            "{}:44: environments.here.notifications[0].urlFrom: 'https://hooks.example.com/x' is invalid; expected the",
        ),
    ],
)  # fmt: skip
def test_it_is_named(setting: str, arguments: tuple[str, ...], code: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(EXAMPLE.read_bytes())
    (tmp_path / "r.yaml").write_text(
        "apiVersion: reconciler/v1\nkind: Realm\nmetadata: {name: nt24}\nspec: {}\n", encoding="utf-8"
    )
    (tmp_path / "reconciler.yaml").write_text(f"environments:\n  here:\n    {setting}\n", encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "KEYCLOAK_ACCESS_TOKEN": "h.p.s",
        "NT24_CLIENT_ID": "api-client-x", "NT24_CLIENT_SECRET": "s" * 64,
    }  # fmt: skip

    done = fork_server.run(arguments, tmp_path, environment)

    words = done.stdout + done.stderr
    assert said.format("reconciler.yaml:3") in words
    assert "KEYCLOAK_URL" not in words
    assert not [raw for raw in ("ssl:default", "Errno", "Cannot connect to host") if raw in words]
    assert done.returncode == code
