"""LDAP result codes (RFC 4511 appendix A) as errors of the installation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from directory.errors import AppError, Conflict, Forbidden, Invalid, NotFound, Unavailable

SUCCESS = 0
SIZE_LIMIT_EXCEEDED = 4
NO_SUCH_OBJECT = 32
UNWILLING_TO_PERFORM = 53
ASSERTION_FAILED = 122
REFRESH_REQUIRED = 4096  # RFC 4533 e-syncRefreshRequired

_CONSTRAINT_VIOLATION = 19
# The unique overlay: "non-unique attributes found with (|(uid=an))", or only that there are some.
_NOT_UNIQUE = re.compile(r"not unique|non-unique[^(]*\(\|\((?P<attribute>[^=]+)=")
_ERRORS: Mapping[int, tuple[type[AppError], str]] = {
    SIZE_LIMIT_EXCEEDED: (AppError, "ldap.too_many_entries"),
    3: (Unavailable, "ldap.unavailable"),  # timeLimitExceeded
    10: (Unavailable, "ldap.unavailable"),  # referral: this server is not the one that writes
    11: (Unavailable, "ldap.unavailable"),  # adminLimitExceeded
    16: (Conflict, "ldap.no_such_value"),  # noSuchAttribute
    17: (Invalid, "ldap.constraint"),  # undefinedAttributeType
    _CONSTRAINT_VIOLATION: (Invalid, "ldap.constraint"),
    20: (Conflict, "ldap.value_exists"),  # attributeOrValueExists
    21: (Invalid, "ldap.constraint"),  # invalidAttributeSyntax
    NO_SUCH_OBJECT: (NotFound, "ldap.no_such_entry"),
    34: (Invalid, "ldap.constraint"),  # invalidDNSyntax
    50: (Forbidden, "ldap.forbidden"),  # insufficientAccessRights
    51: (Unavailable, "ldap.unavailable"),  # busy
    52: (Unavailable, "ldap.unavailable"),
    64: (Invalid, "ldap.constraint"),  # namingViolation
    65: (Invalid, "ldap.constraint"),  # objectClassViolation
    68: (Conflict, "ldap.already_exists"),
    69: (Invalid, "ldap.constraint"),  # objectClassModsProhibited
    ASSERTION_FAILED: (Conflict, "ldap.assertion_failed"),
}


def check(result: Mapping[str, Any]) -> None:
    """Raise the error that belongs to `result`, nothing when it is success.

    ``ldap.value_taken`` names the `attribute` whose value another entry has.
    """
    code = int(result["result"])
    if code == SUCCESS:
        return
    detail = f"{result['description']}: {result['message']}"
    taken = _NOT_UNIQUE.search(str(result["message"]))
    if code == _CONSTRAINT_VIOLATION and taken:
        raise Conflict("ldap.value_taken", detail=detail, attribute=taken["attribute"] or "")
    kind, name = _ERRORS.get(code, (AppError, "ldap.refused"))
    if kind is Unavailable:
        raise Unavailable(name, detail=detail, retry_after_s=2)
    raise kind(name, detail=detail)
