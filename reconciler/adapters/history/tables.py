"""The tables of the history; ``migrations`` brings a database to them."""

from typing import Final

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

METADATA: Final = MetaData()

RUNS: Final = Table(
    "runs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("command", String(32), nullable=False),
    # Seconds since 1970 in UTC: what a database makes of a time zone is its own affair.
    Column("started_at", Float(53), nullable=False),
    Column("ended_at", Float(53), nullable=False),
    Column("who", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("version", String(32), nullable=False),
    Column("environment", Text, nullable=False),
    Column("keycloak_url", Text, nullable=False),
    Column("realm", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("findings", Integer, nullable=False),
    Column("durations", JSON, nullable=False),
    # By the database's clock; empty where the run has ended.
    Column("seen_at", Float(53)),
    Column("api_url", Text, nullable=False, server_default=""),
    Column("login", Text, nullable=False, server_default=""),
    Index("runs_started_at", "started_at"),
)

CHANGES: Final = Table(
    "changes",
    METADATA,
    Column("run_id", String(32), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("address", Text, nullable=False),
    Column("action", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("attribution", JSON(none_as_null=True)),
    Index("changes_address", "address"),
)
