"""What `directory.leaked_passwords` declares."""

from __future__ import annotations

from directory.component import Component, Job, TableRule
from directory.leaked_passwords.errors import ERRORS
from directory.leaked_passwords.events import KINDS
from directory.leaked_passwords.messages import MESSAGES
from directory.leaked_passwords.permissions import LeakedPermission

COMPONENT = Component(
    "directory.leaked_passwords",
    tables_in=("directory.leaked_passwords.tables",),
    tables={
        "leaked_list": TableRule("a year: numbers alone", "put back; what was open is ended"),
        "leaked_password": TableRule(
            "sealed, until it was tried; a week at most", "emptied: the list is read in again"
        ),
    },
    forget=("directory.leaked_passwords.store:forget",),
    jobs=(
        Job(
            "passwords.leaked",
            every_s=2,
            longest_s=60,
            work="directory.leaked_passwords.matching:go_on",
        ),
    ),
    actors={
        "leaked_passwords": (
            "Hệ thống (rà mật khẩu bị lộ)",
            "The system (looking for leaked passwords)",
        )
    },
    kinds=KINDS,
    errors=ERRORS,
    messages=MESSAGES,
    permissions=(LeakedPermission,),
)
