"""Where authenticator applications are kept. What codes are made from is sealed."""

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text

from directory.clock import HOUR
from directory.database.engine import metadata
from directory.sealed import Purpose
from directory.sealed_columns import sealed_for

SECRET = Purpose("totp-secret", None)
ENROLMENT = Purpose("totp-enrolment", HOUR)

totp_authenticator = Table(
    "totp_authenticator",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False, index=True),
    # As the person calls it: "Điện thoại của tôi".
    Column("name", Text, nullable=False),
    # Person and secret together: moved to another row or another person, it opens for nobody.
    Column("secret_sealed", LargeBinary, nullable=False, info=sealed_for(SECRET, subject="id")),
    Column("made_at", BigInteger, nullable=False),
    # The newest step whose code was taken: no older one counts any more (RFC 6238 section 5.2).
    Column("last_step", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
)

# What somebody is setting up and has not proved yet to have in their telephone.
totp_enrolment = Table(
    "totp_enrolment",
    metadata,
    # In which session or flow: nobody can finish it elsewhere.
    Column("place_hash", String(64), primary_key=True),
    Column("person_id", String(36), nullable=False),
    Column(
        "secret_sealed",
        LargeBinary,
        nullable=False,
        info=sealed_for(ENROLMENT, subject="place_hash"),
    ),
    Column("begun_at", BigInteger, nullable=False),
)
