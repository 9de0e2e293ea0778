"""The kind ``webhook``."""
