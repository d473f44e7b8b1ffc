"""What `directory.leaked_passwords` declares."""

from __future__ import annotations

from directory.component import Component, TableRule

COMPONENT = Component(
    "directory.leaked_passwords",
    tables_in=("directory.leaked_passwords.tables",),
    tables={
        "leaked_list": TableRule("a year: numbers alone", "put back"),
        "leaked_password": TableRule(
            "sealed, until it was tried; a week at most", "emptied: the list is read in again"
        ),
    },
)
