"""What `directory.ldap_clients` declares."""

from __future__ import annotations

from directory.component import Check, Component, Job, TableRule
from directory.ldap_clients.errors import ERRORS
from directory.ldap_clients.events import KINDS

COMPONENT = Component(
    "directory.ldap_clients",
    tables_in=("directory.ldap_clients.tables",),
    tables={
        "ldap_client": TableRule(
            "as long as its application", "put back; a new password since then is kept"
        ),
    },
    jobs=(
        Job(
            "keep-ldap-clients",
            every_s=3,
            longest_s=60,
            work="directory.ldap_clients.keeping:keep_all",
        ),
    ),
    actors={
        "ldap_clients": ("Hệ thống (tài khoản LDAP của ứng dụng)", "The system (LDAP accounts)")
    },
    kinds=KINDS,
    errors=ERRORS,
    checks=(Check("LDAP applications", "directory.ldap_clients.checks:as_sql_says"),),
)
