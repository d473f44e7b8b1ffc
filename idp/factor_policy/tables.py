"""Where the rules stand. Times are milliseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from directory.database.engine import metadata

factor_rule = Table(
    "factor_rule",
    metadata,
    Column("kind", String(16), primary_key=True),  # `idp.factor_policy.rules.KINDS`
    # APPLICATION:ROLE, the name of a network, an application; empty for everybody.
    Column("target", String(200), primary_key=True),
    # Of a limit of sessions: minutes.
    Column("days", Integer, nullable=False),
    Column("changed_by", String(128), nullable=False),  # tag of the actor
    Column("changed_at", BigInteger, nullable=False),
)

network_zone = Table(
    "network_zone",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("networks", Text, nullable=False),  # with one blank between
    Column("changed_by", String(128), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

# Since when somebody without a second factor has been told that one is wanted: nobody is given the
# time twice.
factor_grace = Table(
    "factor_grace",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("begun_at", BigInteger, nullable=False),
)
