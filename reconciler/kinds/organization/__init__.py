"""The kind ``organization``."""
