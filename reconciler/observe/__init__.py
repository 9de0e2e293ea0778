"""Read everything side by side; what cannot be read becomes a read failure with its reason."""
