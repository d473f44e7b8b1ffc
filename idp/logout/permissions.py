"""Who may end the sessions of others."""

from __future__ import annotations

from directory.authz.permissions import OPERATORS, SECURITY_OFFICER, SUPPORT, Permission


class SessionPermission(Permission):
    END = (
        "sessions:end",
        ("buộc đăng xuất", "sign out"),
        SUPPORT | {SECURITY_OFFICER},
    )
    # Administrators too, whatever their power: to sign somebody out gives nothing of what they
    # have, and in an incident it cannot wait for a second person.
    END_ANY = (
        "sessions:end-any",
        ("buộc đăng xuất bất kỳ ai của", "sign anybody out of"),
        OPERATORS | {SECURITY_OFFICER},
        "province",
    )
