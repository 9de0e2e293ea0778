"""The tables of the history; ``migrations`` brings a database to them."""

from typing import Any, Final

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text, TypeDecorator

from reconciler.model.text import whole_text


class StorableText(TypeDecorator[str]):
    """A text of which every database takes each character: there is U+FFFD for what some of them refuse."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002  (SQLAlchemy's signature)
        """Return what is stored."""
        return None if value is None else whole_text(value).replace("\0", "\ufffd")


METADATA: Final = MetaData()

RUNS: Final = Table(
    "runs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("command", String(32), nullable=False),
    # Seconds since 1970 in UTC: what a database makes of a time zone is its own affair.
    Column("started_at", Float(53), nullable=False),
    Column("ended_at", Float(53), nullable=False),
    Column("who", StorableText, nullable=False),
    Column("revision", StorableText, nullable=False),
    Column("version", String(32), nullable=False),
    Column("environment", StorableText, nullable=False),
    Column("keycloak_url", StorableText, nullable=False),
    Column("realm", StorableText, nullable=False),
    Column("owner", StorableText, nullable=False),
    Column("fingerprint", StorableText, nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("outcome", StorableText, nullable=False),
    Column("findings", Integer, nullable=False),
    Column("durations", JSON, nullable=False),
    # By the database's clock; empty where the run has ended.
    Column("seen_at", Float(53)),
    Column("api_url", StorableText, nullable=False, server_default=""),
    Column("login", StorableText, nullable=False, server_default=""),
    Index("runs_started_at", "started_at"),
)

CHANGES: Final = Table(
    "changes",
    METADATA,
    Column("run_id", String(32), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("address", StorableText, nullable=False),
    Column("action", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("detail", StorableText, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("attribution", JSON(none_as_null=True)),
    Index("changes_address", "address"),
)
