"""What `directory.passwords` declares."""

from __future__ import annotations

from directory.component import Check, Component, TableRule
from directory.passwords.errors import ERRORS

COMPONENT = Component(
    "directory.passwords",
    tables_in=("directory.passwords.tables",),
    tables={
        "password_change": TableRule(
            "while a password is being changed, seconds", "put back, and over"
        ),
        "former_password": TableRule(
            "the newest ten of whoever may take none of them again; until the person is gone, or "
            "changes it where the policy does not ask any more",
            "put back",
        ),
        "password_profile": TableRule("one row, always: since when the profile counts", "put back"),
    },
    forget=("directory.passwords.history:forget_gone",),
    checks=(Check("leaked passwords", "directory.passwords.checks:leaked_passwords"),),
    errors=ERRORS,
)
