"""The kinds of audit events of `idp.factors.recovery_codes`."""

from __future__ import annotations

from directory.audit.kinds import Kind

RECOVERY_CODES_MADE = Kind(
    "recovery_codes.made",
    {"count": "count"},
    vi="{actor} tạo {count} mã khôi phục mới cho {subject}; mã cũ hết hiệu lực",
    en="{actor} made {count} new recovery codes of {subject}; earlier ones count no more",
    groups=("sign-in",),
)

RECOVERY_CODE_USED = Kind(
    "recovery_code.used",
    {"left": "count"},
    vi="Mã khôi phục của {subject} được dùng để đăng nhập[ từ {address}]; còn {left} mã",
    en="A recovery code of {subject} was used to sign in[ from {address}]; {left} are left",
    groups=("sign-in",),
)

KINDS = (RECOVERY_CODES_MADE, RECOVERY_CODE_USED)
