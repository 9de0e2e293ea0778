"""Which options of long commands stand together in their help, by the names of their parameters."""

from collections.abc import Mapping
from typing import Final

LONG: Final = 14
"""How many options a command has whose help shows them in groups."""
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Manifests and settings": ("files", "env", "config", "overlays", "base"),
    "Selection": (
        "targets", "exclude", "destroy", "expired", "due", "live", "only_changes", "with_realm", "schema", "overwrite",
    ),
    "Output": (
        "form", "as_json", "only_summary", "max_size", "link", "out", "detailed_exitcode", "metrics", "notify_always",
        "no_color",
    ),
    "Permissions": (
        "auto_approve", "allow_delete", "soft_delete", "allow_takeover", "force", "approvals", "fix", "abandon_old",
        "require_usage", "watch",
    ),
    "Reading and verification": ("no_effective", "choice", "verify_timeout", "state", "full", "max_age"),
    "Logins": ("reader", "writer", "with_identity_providers", "forge", "subject", "issuer", "alias", "prints"),
    "Secrets": ("sink", "show_secrets", "deliver"),
    "Live systems": (
        "keycloak_url", "realm", "api_url", "owner", "override_target", "parallelism", "timeout", "ca_file",
        "client_cert", "client_key", "allow_http", "jwt_audience",
    ),
    "Explaining a refusal": ("partner", "capability", "answer"),
    "Lock and records": ("lock_timeout", "lock_lease", "journal", "history", "record", "no_manifests", "replay"),
    "Diagnostics": ("verbose", "log_format", "_click_default_help"),
}  # fmt: skip
"""The groups in the order in which they are shown."""


def group_of(parameter: str) -> str:
    """Return the group of a parameter; empty where it is in none."""
    return next((title for title, names in GROUPS.items() if parameter in names), "")
