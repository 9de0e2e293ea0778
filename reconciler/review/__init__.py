"""Turn plans and outcomes into text; one file per format, each a pure function that returns ``str``."""
