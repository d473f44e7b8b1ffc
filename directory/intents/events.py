"""The kinds of audit events of `directory.intents`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.authz import errors as authz
from directory.catalogue import errors as catalogue
from directory.errors import in_log
from directory.intents import errors as intents
from directory.ldap import errors as ldap

# Why a change was not written: codes of errors.
_REFUSALS = WordList(
    {
        "password.not_settled": ("không rõ kết quả", "the outcome is not known"),
        **in_log((*intents.ERRORS, *authz.ERRORS, *catalogue.ERRORS, *ldap.ERRORS)),
    },
)


CHANGE_DONE = Kind(
    "change.done",
    {"intent": "technical", "entry_csn": "technical", "recovered": "flag"},
    vi="Thay đổi đối với {subject} đã được ghi vào danh mục",
    en="The change of {subject} was written to the catalogue",
    groups=("people",),
)

CHANGE_REFUSED = Kind(
    "change.refused",
    {"intent": "technical", "reason": _REFUSALS},
    vi="Thay đổi đối với {subject} không được ghi: {reason}",
    en="The change of {subject} was not written: {reason}",
    groups=("people",),
    is_refusal=True,
)

KINDS = (
    CHANGE_DONE,
    CHANGE_REFUSED,
)
