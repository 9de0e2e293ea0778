"""Read everything side by side; what cannot be read becomes a hole with its reason."""
