"""The kinds of audit events that every factor records."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList

# Why nobody was let in.
REFUSALS = WordList(
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

SIGNIN_REFUSED = Kind(
    "signin.refused",
    {"reason": REFUSALS, "login_hash": "technical", "application": "application"},
    vi="Từ chối một lần đăng nhập vào tài khoản của {subject}[ từ {address}][: {reason}]",
    en="A sign-in to the account of {subject}[ from {address}] was refused[: {reason}]",
    groups=("sign-in",),
    is_refusal=True,
    counted=("lần đăng nhập bị từ chối", "refused sign-ins"),
)

KINDS = (SIGNIN_REFUSED,)
