"""Rotate client secrets: each step is journalled, and the state is what Keycloak says, so that any machine goes on."""
