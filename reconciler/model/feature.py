"""Features of the server that manifests need: Keycloak can be built, or started, without them."""

from enum import StrEnum


class Feature(StrEnum):
    """Name a feature as ``kc.sh --features`` does; closed."""

    ORGANIZATION = "organization"
    SECRET_ROTATION = "client-secret-rotation"  # noqa: S105  (the name of a feature)
