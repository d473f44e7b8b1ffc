"""LDAP result codes (RFC 4511 appendix A) as errors of the installation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from directory.errors import (
    AppError,
    Conflict,
    ErrorCode,
    Forbidden,
    Invalid,
    NotFound,
    Unavailable,
)
from directory.ldap.errors import (
    LDAP_ALREADY_EXISTS,
    LDAP_ASSERTION_FAILED,
    LDAP_CONSTRAINT,
    LDAP_FORBIDDEN,
    LDAP_NO_SUCH_ENTRY,
    LDAP_NO_SUCH_VALUE,
    LDAP_REFUSED,
    LDAP_TOO_MANY_ENTRIES,
    LDAP_UNAVAILABLE,
    LDAP_VALUE_EXISTS,
    LDAP_VALUE_TAKEN,
)

SUCCESS = 0
SIZE_LIMIT_EXCEEDED = 4
NO_SUCH_OBJECT = 32
UNWILLING_TO_PERFORM = 53
ASSERTION_FAILED = 122
REFRESH_REQUIRED = 4096  # RFC 4533 e-syncRefreshRequired

_CONSTRAINT_VIOLATION = 19
# The unique overlay: "non-unique attributes found with (|(uid=an))", or only that there are some.
_NOT_UNIQUE = re.compile(r"not unique|non-unique[^(]*\(\|\((?P<attribute>[^=]+)=")
_ERRORS: Mapping[int, tuple[type[AppError], ErrorCode]] = {
    SIZE_LIMIT_EXCEEDED: (AppError, LDAP_TOO_MANY_ENTRIES),
    3: (Unavailable, LDAP_UNAVAILABLE),  # timeLimitExceeded
    10: (Unavailable, LDAP_UNAVAILABLE),  # referral: this server is not the one that writes
    11: (Unavailable, LDAP_UNAVAILABLE),  # adminLimitExceeded
    16: (Conflict, LDAP_NO_SUCH_VALUE),  # noSuchAttribute
    17: (Invalid, LDAP_CONSTRAINT),  # undefinedAttributeType
    _CONSTRAINT_VIOLATION: (Invalid, LDAP_CONSTRAINT),
    20: (Conflict, LDAP_VALUE_EXISTS),  # attributeOrValueExists
    21: (Invalid, LDAP_CONSTRAINT),  # invalidAttributeSyntax
    NO_SUCH_OBJECT: (NotFound, LDAP_NO_SUCH_ENTRY),
    34: (Invalid, LDAP_CONSTRAINT),  # invalidDNSyntax
    50: (Forbidden, LDAP_FORBIDDEN),  # insufficientAccessRights
    51: (Unavailable, LDAP_UNAVAILABLE),  # busy
    52: (Unavailable, LDAP_UNAVAILABLE),
    64: (Invalid, LDAP_CONSTRAINT),  # namingViolation
    65: (Invalid, LDAP_CONSTRAINT),  # objectClassViolation
    68: (Conflict, LDAP_ALREADY_EXISTS),
    69: (Invalid, LDAP_CONSTRAINT),  # objectClassModsProhibited
    ASSERTION_FAILED: (Conflict, LDAP_ASSERTION_FAILED),
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
        raise Conflict(LDAP_VALUE_TAKEN, detail=detail, attribute=taken["attribute"] or "")
    kind, declared = _ERRORS.get(code, (AppError, LDAP_REFUSED))
    if kind is Unavailable:
        raise Unavailable(declared, detail=detail, retry_after_s=2)
    raise kind(declared, detail=detail)
