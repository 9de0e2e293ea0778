"""The kind ``client``."""
