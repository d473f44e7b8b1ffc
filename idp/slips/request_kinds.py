"""What can be asked for here."""

from __future__ import annotations

from directory.component import RequestKind
from idp.slips.permissions import SlipPermission

SLIP = RequestKind(
    "slip",
    told=("cấp phiếu cho tài khoản đặc quyền", "a slip for a privileged account"),
    permission=SlipPermission.AGREE,
    about="idp.slips.asking:about_province",
    describe="idp.slips.asking:describe_slips",
    carry_out="idp.slips.asking:agree",
    foresee="idp.slips.asking:foresee",
    days=3,
)
HELP = RequestKind(
    "signin_help",
    told=("giúp đăng nhập lại", "help with signing in again"),
    permission=SlipPermission.ISSUE,
    about="idp.slips.asking:about_person",
    describe="idp.slips.asking:describe_help",
    carry_out="idp.slips.asking:note_helped",
    foresee="idp.slips.asking:foresee",
    days=7,
)
