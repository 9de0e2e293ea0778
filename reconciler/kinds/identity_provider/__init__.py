"""The kind ``identity-provider``."""
