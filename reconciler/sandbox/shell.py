"""The exports that point every tool, and ``reconciler`` itself, at the sandbox."""

from reconciler.sandbox.lifecycle import Running


def exports(running: Running) -> str:
    """Return shell lines for ``eval``; the password stays in its file and is read when they are evaluated."""
    values = {
        "KEYCLOAK_URL": _quoted(running.keycloak_url),
        "KEYCLOAK_REALM": "'master'",
        "KEYCLOAK_CLIENT_ID": "'admin-cli'",
        "KEYCLOAK_USER": _quoted(running.admin_user),
        "KEYCLOAK_PASSWORD": f'"$(cat {_quoted(str(running.admin_password_file))})"',
        "NT24_REALM": _quoted(running.realm),
        "NT24_API_URL": _quoted(running.api_url),
        # What is shown once is not lost to whoever tries webhooks.
        "RECONCILER_SINK": _quoted(f"file:{running.folder / 'secrets'}/{{organization}}/{{name}}"),
    }
    return "".join(f"export {name}={value}\n" for name, value in values.items())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
