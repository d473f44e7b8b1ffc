"""Connectors, and where each stands with every person."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from directory.database.engine import metadata
from directory.sealed import Purpose
from directory.sealed_columns import sealed_for

TARGET_TOKEN = Purpose("connector-token", None)

connector = Table(
    "connector",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("definition", Text, nullable=False),
    Column(
        "token_sealed", LargeBinary, nullable=True, info=sealed_for(TARGET_TOKEN, subject="name")
    ),
    Column("added_at", BigInteger, nullable=False),
    # What the definition and the application's own rules said when everybody was looked at last;
    # another one, or another day, and everybody is looked at anew.
    Column("compared_for", String(80), nullable=True),
    # Everybody up to this id has been looked at; NULL: no look at everybody is under way.
    Column("compared_up_to", String(36), nullable=True),
    Column("compared_at", BigInteger, nullable=True),
    Column("paused_at", BigInteger, nullable=True),
    # Stopped by the brake: so many accounts would go; and how many somebody said may.
    Column("stopped_at", BigInteger, nullable=True),
    Column("losses_found", Integer, nullable=True),
    Column("losses_allowed", Integer, nullable=True),
    # The target does not answer: since when, how often in a row, and when it is asked again.
    Column("failing_since", BigInteger, nullable=True),
    Column("failures", Integer, nullable=True),
    Column("retry_at", BigInteger, nullable=True),
    Column("failed_detail", Text, nullable=True),
    Column("succeeded_at", BigInteger, nullable=True),
    # Reading what the target really holds: where in its list we are (NULL: not under way), which
    # time it is, whether what differs is mended, how many accounts there were.
    Column("reconcile_place", Text, nullable=True),
    Column("reconcile_round", Integer, nullable=True),
    Column("reconcile_repairs", Boolean, nullable=True),
    Column("reconcile_accounts", Integer, nullable=True),
    Column("reconciled_at", BigInteger, nullable=True),
)

# One row for each person whom a connector has, had or is to have something to do for.
connector_account = Table(
    "connector_account",
    metadata,
    Column("connector", String(40), primary_key=True),
    Column("person_id", String(36), primary_key=True),
    # in_step; due; quarantined: the target refuses this one again and again; conflict: somebody has
    # to look; skipped: somebody looked, and it is left alone.
    Column("state", String(16), nullable=False),
    # Whether the account goes: those are first.
    Column("is_leaving", Boolean, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    # The target's own name of the account; NULL: it has none that we know of.
    Column("remote_id", Text, nullable=True),
    # What the target took last (JSON); NULL: it has nothing of ours, or the account is disabled.
    Column("held", Text, nullable=True),
    # Since when something may have been carried out, or may still be, whose answer never came.
    Column("doubtful_since", BigInteger, nullable=True),
    Column("left_at", BigInteger, nullable=True),
    Column("failed_code", String(64), nullable=True),
    Column("failed_detail", Text, nullable=True),
    Column("changed_at", BigInteger, nullable=True),
    # The last time of reading the target in which it was there, or we worked with it.
    Column("seen_in", Integer, nullable=True),
    # The run in which it was tried in vain last; NULL since it got there.
    Column("failed_in", String(36), nullable=True),
    Index("ix_connector_account_due", "connector", "state", "is_leaving", "due_at"),
    Index("ix_connector_account_left_at", "connector", "left_at"),
    Index("ix_connector_account_remote_id", "connector", "remote_id"),
    Index("ix_connector_account_person_id", "person_id"),
    Index(
        "ix_connector_account_failed_in",
        "failed_in",
        sqlite_where=text("failed_in IS NOT NULL"),
        postgresql_where=text("failed_in IS NOT NULL"),
    ),
)

# What the last reading of the target found otherwise than it should be.
connector_finding = Table(
    "connector_finding",
    metadata,
    Column("connector", String(40), primary_key=True),
    Column("remote_id", Text, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("person_id", String(36), nullable=True),
    Column("login", Text, nullable=True),
    Column("detail", Text, nullable=True),
    Column("found_in", Integer, nullable=False),
    Column("repaired_at", BigInteger, nullable=True),
)

# An account that was there before, and a person of whom somebody said that it is not theirs.
connector_refusal = Table(
    "connector_refusal",
    metadata,
    Column("connector", String(40), primary_key=True),
    Column("remote_id", Text, primary_key=True),
    Column("person_id", String(36), primary_key=True),
    Column("login", Text, nullable=True),
    Column("reason", Text, nullable=False),
    Column("refused_by", String(128), nullable=False),  # tag of an actor
    Column("refused_at", BigInteger, nullable=False),
)

# What a connector did from when something was to be done until nothing was, or until it was held.
connector_run = Table(
    "connector_run",
    metadata,
    Column("id", String(36), primary_key=True),  # in the order of time
    Column("connector", String(40), nullable=False),
    # first, full: everybody was compared; ordinary; replay; reconcile.
    Column("kind", String(16), nullable=False),
    Column("begun_by", String(128), nullable=False),  # tag of an actor
    Column("began_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=True),
    # What held it: brake, away, paused; another: one that somebody asked for; NULL: nothing.
    Column("held_by", String(16), nullable=True),
    Column("held_detail", Text, nullable=True),
    Column("created", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("disabled", Integer, nullable=False),
    Column("repaired", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("quarantined", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    # How many it has looked at, and of how many, as far as that is known: people, or accounts read.
    Column("looked_at", Integer, nullable=False),
    Column("to_look_at", Integer, nullable=True),
    Index("ix_connector_run_connector_id", "connector", "id"),
    # One at a time.
    Index(
        "ix_connector_run_open",
        "connector",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("ix_connector_run_ended_at", "ended_at"),
)
