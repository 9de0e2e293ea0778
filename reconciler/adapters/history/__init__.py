"""The history of runs in a SQL database."""
