"""Why an account in LDAP is not made or not found."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

LDAP_CLIENT_NONE = ErrorCode(
    "ldap_client.none",
    Words("Ứng dụng này chưa có tài khoản LDAP.", "This application has no LDAP account yet."),
)
LDAP_CLIENT_THERE = ErrorCode(
    "ldap_client.there",
    Words("Ứng dụng này đã có tài khoản LDAP.", "This application has an LDAP account already."),
)

ERRORS = (LDAP_CLIENT_NONE, LDAP_CLIENT_THERE)
