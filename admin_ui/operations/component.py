"""What `admin_ui.operations` declares."""

from __future__ import annotations

from admin_ui.operations.errors import ERRORS
from admin_ui.operations.events import KINDS
from directory.component import Check, Component

COMPONENT = Component(
    "admin_ui.operations",
    actors={"init": ("Hệ thống (khi khởi tạo)", "The system (while being set up)")},
    kinds=KINDS,
    errors=ERRORS,
    expiries=(
        "admin_ui.operations.expiries:certificates",
        "admin_ui.operations.expiries:ldap_servers",
    ),
    checks=(
        Check("SQL store", "admin_ui.operations.checks:store_answers"),
        Check("identity", "admin_ui.operations.checks:identity_is_own"),
        Check("clock", "admin_ui.operations.checks:clock_is_right"),
        Check("LDAP rules", "admin_ui.operations.checks:ldap_rules"),
        Check("LDAP standing", "admin_ui.operations.checks:ldap_standing"),
        Check("LDAP schema", "admin_ui.operations.checks:ldap_schema"),
    ),
)
