"""The kinds of audit events of `idp.recovery`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList

WAYS = WordList(
    {
        "recovery_code": ("mã khôi phục", "a recovery code"),
        "passkey": ("khóa truy cập", "a passkey"),
        "link": ("đường dẫn gửi tới thư công vụ", "a link sent to the work e-mail"),
    },
)

RECOVERY_PROVED = Kind(
    "recovery.proved",
    {"way": WAYS},
    vi="{subject} dùng {way} để đặt lại mật khẩu[ từ {address}]",
    en="{subject} used {way} to set a new password[ from {address}]",
    groups=("sign-in",),
)


# Why the code of a link was not taken.
REFUSALS = WordList(
    {
        "wrong": ("sai mã", "wrong code"),
        "used": ("đường dẫn đã dùng", "the link was used already"),
        "expired": ("đường dẫn đã hết hạn", "the link is too old"),
        "revoked": (
            "tài khoản đã thay đổi từ khi gửi đường dẫn",
            "the account was changed since the link was sent",
        ),
    },
)

RECOVERY_LINK_SENT = Kind(
    "recovery.link_sent",
    {},
    vi="{actor} gửi đường dẫn đặt lại mật khẩu tới thư công vụ của {subject}",
    en="{actor} sent a link to set a new password to the work e-mail of {subject}",
    groups=("sign-in",),
    counted=("đường dẫn đặt lại mật khẩu đã gửi", "links to set a new password"),
)

RECOVERY_LINK_REFUSED = Kind(
    "recovery.link_refused",
    {"reason": REFUSALS},
    vi="Từ chối một mã đặt lại mật khẩu[ của {subject}][ từ {address}]: {reason}",
    en="A code to set a new password[ of {subject}] was refused[ from {address}]: {reason}",
    groups=("sign-in",),
    is_refusal=True,
    counted=("mã đặt lại mật khẩu bị từ chối", "refused codes to set a new password"),
)

KINDS = (RECOVERY_PROVED, RECOVERY_LINK_SENT, RECOVERY_LINK_REFUSED)
