"""The kinds of audit events of `idp.factors.password`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.errors import in_log
from directory.ldap import errors as ldap

# Why a password could not be checked.
_FAULTS = WordList(
    {
        **in_log(ldap.ERRORS),
        "fault": ("hệ thống gặp sự cố", "a fault of the system"),
    },
)


SIGNIN_UNKNOWN_LOGIN = Kind(
    "signin.unknown_login",
    {"login_hash": "technical", "application": "application"},
    vi="Từ chối một lần đăng nhập[ từ {address}] bằng tên không có trong danh mục",
    en="A sign-in[ from {address}] with a name that is not in the catalogue was refused",
    groups=("sign-in",),
    is_refusal=True,
    counted=("lần đăng nhập bằng tên không có", "sign-ins with unknown names"),
)

SIGNIN_UNCHECKED = Kind(
    "signin.unchecked",
    {"reason": _FAULTS, "login_hash": "technical", "application": "application"},
    vi=(
        "Không kiểm tra được mật khẩu của một lần đăng nhập từ {address}: {reason}. Lần này không "
        "tính là sai"
    ),
    en=(
        "The password of a sign-in from {address} could not be checked: {reason}. It does not "
        "count as wrong"
    ),
    groups=("sign-in",),
    counted=("lần đăng nhập không kiểm tra được", "sign-ins that could not be checked"),
)

KINDS = (
    SIGNIN_UNKNOWN_LOGIN,
    SIGNIN_UNCHECKED,
)
