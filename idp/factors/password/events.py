"""The kinds of audit events of `idp.factors.password`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.errors import in_log
from directory.ldap import errors as ldap

# Why nobody was let in by a password.
_REFUSALS = WordList(
    {
        "wrong_password": ("sai mật khẩu", "wrong password"),
        "locked": ("đang bị tạm khóa", "locked"),
        "must_change": ("phải đổi mật khẩu trước", "the password must be changed first"),
        "expired": ("đã hết hạn", "expired"),
        "person_not_active": ("tài khoản không còn hoạt động", "the account is not active"),
        "person_suspended": ("tài khoản đang bị khóa", "the account is suspended"),
        "person_left": ("người này đã thôi việc", "the person has left"),
        "person_pending": ("tài khoản chưa kích hoạt", "the account is not active yet"),
        "changed_meanwhile": (
            "tài khoản vừa được thay đổi trong lúc đăng nhập",
            "the account was changed meanwhile",
        ),
        "sessions_ended": ("mọi phiên trước đó bị kết thúc", "all earlier sessions were ended"),
    },
)

# Why a password could not be checked.
_FAULTS = WordList(
    {
        **in_log(ldap.ERRORS),
        "fault": ("hệ thống gặp sự cố", "a fault of the system"),
    },
)


SIGNIN_REFUSED = Kind(
    "signin.refused",
    {"reason": _REFUSALS, "login_hash": "technical", "application": "application"},
    vi="Từ chối một lần đăng nhập vào tài khoản của {subject}[ từ {address}][: {reason}]",
    en="A sign-in to the account of {subject}[ from {address}] was refused[: {reason}]",
    groups=("sign-in",),
    is_refusal=True,
    counted=("lần đăng nhập bị từ chối", "refused sign-ins"),
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
    SIGNIN_REFUSED,
    SIGNIN_UNKNOWN_LOGIN,
    SIGNIN_UNCHECKED,
)
