"""What `directory.projection` declares."""

from __future__ import annotations

from directory.component import Component, TableRule
from directory.projection.errors import ERRORS

COMPONENT = Component(
    "directory.projection",
    tables_in=("directory.projection.tables",),
    tables={
        "catalogue_agency": TableRule(
            "as long as the entry; those of the gone stay", "compared with LDAP, entry by entry"
        ),
        "catalogue_tree": TableRule(
            "as long as the entry; those of the gone stay", "compared with LDAP, entry by entry"
        ),
        "catalogue_person": TableRule(
            "as long as the entry; those of the gone stay", "compared with LDAP, entry by entry"
        ),
        "catalogue_login": TableRule(
            "as long as the entry; those of the gone stay", "compared with LDAP, entry by entry"
        ),
        "catalogue_post": TableRule(
            "as long as the entry; those of the gone stay", "compared with LDAP, entry by entry"
        ),
        "catalogue_word": TableRule(
            "as long as the entry; those of the gone stay", "compared with LDAP, entry by entry"
        ),
        "person_state": TableRule("always (since when sessions count)", "all sessions end"),
    },
    errors=ERRORS,
)
