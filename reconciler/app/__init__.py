"""The use cases: what a caller can ask for, be it the command line or a program; no terminal, no environment."""
