"""Read Keycloak's admin events: what is untouched, what to read again, when it was last written, and who did it."""
