"""The exports are for any shell, whatever the folder is called."""

import subprocess
from pathlib import Path

from reconciler.sandbox.folder import ApiSettings
from reconciler.sandbox.lifecycle import Running
from reconciler.sandbox.shell import exports


def test_a_folder_with_a_difficult_name_is_quoted(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s "my" $HOME'
    folder.mkdir()
    password_file = folder / "admin-password"
    password_file.write_text("pass word\n", encoding="ascii")
    running = Running(
        keycloak_url="http://127.0.0.1:1",
        api_url="http://127.0.0.1:2",
        realm="nt24-idp",
        admin_user="admin",
        admin_password_file=password_file,
        partners_file=folder / "partners.json",
        folder=folder,
        settings=ApiSettings(
            realm="nt24-idp", current_dpa_version="2026-01", cache_seconds=3, enterprise_limits=(3, 2, 1)
        ),
    )

    script = exports(running) + 'printf "%s|" "$KEYCLOAK_PASSWORD" "$NT24_REALM" "$NT24_API_URL" "$RECONCILER_SINK"'
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)

    sink = f"file:{folder}/secrets/{{organization}}/{{name}}"
    assert shell.stdout == f"pass word|nt24-idp|http://127.0.0.1:2|{sink}|"
