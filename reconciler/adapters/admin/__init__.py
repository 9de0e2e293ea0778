"""Keycloak's Admin API by subject; together they are the port ``AdminApi``."""
