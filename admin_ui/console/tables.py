"""The tables of console sessions. Times are milliseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text

from directory.clock import HOUR, MINUTE
from directory.database.engine import metadata
from directory.sealed import Purpose
from directory.sealed_columns import sealed_for

SESSION_MS = 8 * HOUR
KEPT_FORM_MS = 30 * MINUTE
ID_TOKEN = Purpose("console-id-token", SESSION_MS)
KEPT_FORM = Purpose("console.kept_form", KEPT_FORM_MS)

console_session = Table(
    "console_session",
    metadata,
    # Only the hash of the cookie is stored: whoever reads the store cannot become anyone.
    Column("cookie_hash", String(64), primary_key=True),
    Column("person_id", String(36), nullable=False, index=True),
    # The sign-in session at the issuer this one came from, and lives with.
    Column("sid", String(64), nullable=False, index=True),
    # The hint for signing out at the issuer; sealed, as it names the person and their session.
    Column("id_token", Text, nullable=False, info=sealed_for(ID_TOKEN)),
    Column("created_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

# Sessions in which somebody looks as a job would see it.
console_viewing = Table(
    "console_viewing",
    metadata,
    Column("cookie_hash", String(64), primary_key=True),  # the session it belongs to
    Column("person_id", String(36), nullable=False),
    Column("job", String(64), nullable=False),  # a role of our own application
    Column("place_id", String(36), nullable=True),  # NULL: the whole province
)

# Forms that could not be saved, for the page that shows them once more.
console_kept_form = Table(
    "console_kept_form",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("cookie_hash", String(64), nullable=False, index=True),  # the session it belongs to
    Column("body", LargeBinary, nullable=False, info=sealed_for(KEPT_FORM)),
    Column("expires_at", BigInteger, nullable=False, index=True),
)
