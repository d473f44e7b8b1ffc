"""Applications, their roles, positions, and who holds what where."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from directory.database.engine import metadata
from directory.database.instants import ZeroForNone

application = Table(
    "application",
    metadata,
    Column("id", String(128), primary_key=True),  # = the OAuth client_id
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("access", String(16), nullable=False),  # everyone, agencies, roles
    Column("owner_agency_id", String(36), nullable=False),
    Column("disabled_at", ZeroForNone, nullable=False),  # none: enabled
    Column("built_in", Boolean, nullable=False),
    # internal (to the agency that owns it and whom it was opened to) or shared with all agencies
    Column("sharing", String(16), nullable=False, server_default="shared"),
    Column("contact", Text, nullable=True),  # who looks after it
    Column("start_url", Text, nullable=True),  # what its tile opens
    # Gone for good, and disabled since before. The row stays: nobody else is ever given its id, and
    # the log goes on naming it.
    Column("removed_at", BigInteger, nullable=True),
)

application_agency = Table(
    "application_agency",
    metadata,
    Column("application_id", String(128), primary_key=True),
    Column("agency_id", String(36), primary_key=True),
    ForeignKeyConstraint(["application_id"], ["application.id"]),
)

role = Table(
    "role",
    metadata,
    Column("application_id", String(128), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("title_vi", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    # Who may give it: agency, owner, province, operator (`directory.authz.permissions`).
    Column("given_by", String(16), nullable=False),
    Column("description", Text, nullable=True),
    # Whether a grant may or must be narrowed to a field, to a procedure: may, must; NULL: may not
    Column("by_field", String(8), nullable=True),
    Column("by_procedure", String(8), nullable=True),
    Column("default_days", Integer, nullable=True),  # how long a grant holds; NULL: a year
    Column("is_endless", Boolean, nullable=True),  # a grant may have no end
    Column("needs_approval", Boolean, nullable=True),  # of a second who may give it
    Column("retired_at", BigInteger, nullable=True),  # since when nobody is given it any more
    ForeignKeyConstraint(["application_id"], ["application.id"]),
)

# Roles of an application that nobody holds together; each pair both ways.
role_exclusion = Table(
    "role_exclusion",
    metadata,
    Column("application_id", String(128), primary_key=True),
    Column("role", String(64), primary_key=True),
    Column("excluded", String(64), primary_key=True),
    # When everybody was looked at for who holds both (ms); NULL: not yet. Of the row whose role
    # comes first.
    Column("looked_at", BigInteger, nullable=True),
    ForeignKeyConstraint(["application_id", "role"], ["role.application_id", "role.name"]),
)

# Who was found to hold two such roles, the role that comes first as the one: where to look, for it
# may be over (`directory.authz.conflicts`).
role_conflict = Table(
    "role_conflict",
    metadata,
    Column("grant_id", String(36), primary_key=True),
    Column("other_grant_id", String(36), primary_key=True),
    Column("person_id", String(36), primary_key=True),
    Column("application_id", String(128), nullable=False),
    Column("role", String(64), nullable=False),
    Column("excluded", String(64), nullable=False),
    Index("ix_role_conflict_application_id", "application_id", "role", "excluded"),
)

# The shared lists of codes. No row: the province's own, open, and nothing was said yet.
code_list = Table(
    "code_list",
    metadata,
    Column("name", String(16), primary_key=True),  # `directory.authz.code_lists.LISTS`
    Column("owner_agency_id", String(36), nullable=True),  # NULL: the province
    Column("is_closed", Boolean, nullable=False),  # nothing but its codes may be chosen
    Column("version", Integer, nullable=False),  # how often something was said
)

# Their codes. What a code was called before stands in the audit log.
code_value = Table(
    "code_value",
    metadata,
    Column("list", String(16), primary_key=True),
    Column("code", String(64), primary_key=True),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=True),
    Column("valid_from", String(10), nullable=True),
    Column("valid_to", String(10), nullable=True),  # last day
    Column("basis", Text, nullable=True),
    Column("parent", String(64), nullable=True),  # the code above it, of the list that has such
    Column("precedence", Integer, nullable=True),  # NULL: after all that have one
    Column("version", Integer, nullable=True),  # of the list, when this was said last
)

# An entry of the list of positions (vị trí việc làm) of an agency or unit. LDAP knows titles only.
position = Table(
    "position",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("agency_id", String(36), nullable=False),
    Column("unit_id", String(36), nullable=False),  # empty: of the agency itself
    Column("name", Text, nullable=False),
    Column("closed_at", BigInteger, nullable=True),
    # What an earlier version called it: place and folded title. Events of then name it so.
    Column("former_key", String(255), nullable=True),
)
# Of those that are not closed; a closed one may have a successor of the same name.
Index(
    "ix_position_name",
    position.c.agency_id,
    position.c.unit_id,
    position.c.name,
    unique=True,
    sqlite_where=text("closed_at IS NULL"),
    postgresql_where=text("closed_at IS NULL"),
)

# The posts that rights hang on, as our services settled them. LDAP may come to say more (another
# day, a post nobody gave): a right holds as far as both do.
settled_post = Table(
    "settled_post",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("post_id", String(36), primary_key=True),
    Column("position_id", String(36), nullable=True, index=True),
    Column("start_on", String(10), nullable=False),
    Column("end_on", String(10), nullable=False),
    # Of the change that gives the post, while it is open: nothing hangs on it yet.
    Column("intent_id", String(36), nullable=True),
    Index("ix_settled_post_post_id", "post_id"),
    # Few are open; all others would be no way to find anything, and SQLite would take it.
    Index(
        "ix_settled_post_intent_id",
        "intent_id",
        sqlite_where=text("intent_id IS NOT NULL"),
        postgresql_where=text("intent_id IS NOT NULL"),
    ),
)

# Ended posts that no longer stand in the person's entry.
post_history = Table(
    "post_history",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("post_id", String(36), primary_key=True),
    Column("agency_id", String(36), nullable=False),
    Column("unit_id", String(36), nullable=False),
    Column("title", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("start_on", String(10), nullable=False),
    Column("end_on", String(10), nullable=False),
    Column("basis", Text, nullable=False),
)

role_grant = Table(
    "role_grant",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("application_id", String(128), nullable=False),
    Column("role", String(64), nullable=False),
    Column("holder_kind", String(16), nullable=False),  # person, post, position
    Column("holder_id", String(255), nullable=False),
    Column("agency_id", String(36), nullable=False),  # scope: this agency and all under it
    Column("field", String(64), nullable=False),
    Column("procedure", String(64), nullable=False),
    Column("start_on", String(10), nullable=False),
    Column("end_on", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("granted_by", String(128), nullable=False),
    Column("granted_at", BigInteger, nullable=False),
    Column("revoked_at", ZeroForNone, nullable=False),  # none: stands
    Column("basis", Text, nullable=True),  # of law: a decision, an assignment
    Column("approved_by", String(128), nullable=True),  # tag of the second who approved it
    Column("revoked_by", String(128), nullable=True),
    Column("revoke_reason", Text, nullable=True),
    ForeignKeyConstraint(["application_id", "role"], ["role.application_id", "role.name"]),
    Index("ix_role_grant_holder", "holder_kind", "holder_id", "application_id", "role"),
    # Answers what those who moved still hold where, without a look at the rows.
    Index(
        "ix_role_grant_holder_agency_id",
        "holder_kind",
        "holder_id",
        "revoked_at",
        "agency_id",
        "id",
    ),
    Index("ix_role_grant_application_id_role", "application_id", "role"),
    # Lists go on by id, from where the page before ended.
    Index("ix_role_grant_revoked_at_id", "revoked_at", "id"),
    Index("ix_role_grant_agency_id_revoked_at_id", "agency_id", "revoked_at", "id"),
    Index("ix_role_grant_revoked_at_end_on_id", "revoked_at", "end_on", "id"),
    # Those of many places that end soon are counted without a look at the rows.
    Index(
        "ix_role_grant_agency_id_revoked_at_end_on_id", "agency_id", "revoked_at", "end_on", "id"
    ),
)

# Whose rights changed, until whoever keeps applications in step takes it up.
rights_change = Table(
    "rights_change",
    metadata,
    Column("id", String(36), primary_key=True),  # in order of time
    Column("people", Text, nullable=False),  # JSON: ids
)
