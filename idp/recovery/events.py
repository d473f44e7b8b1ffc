"""The kinds of audit events of `idp.recovery`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList

WAYS = WordList(
    {
        "recovery_code": ("mã khôi phục", "a recovery code"),
        "passkey": ("khóa truy cập", "a passkey"),
    },
)

RECOVERY_PROVED = Kind(
    "recovery.proved",
    {"way": WAYS},
    vi="{subject} dùng {way} để đặt lại mật khẩu[ từ {address}]",
    en="{subject} used {way} to set a new password[ from {address}]",
    groups=("sign-in",),
)


KINDS = (RECOVERY_PROVED,)
