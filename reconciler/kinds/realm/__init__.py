"""The kind ``realm``."""
