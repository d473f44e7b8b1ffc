"""The kinds of audit events of `idp.slips`. No event holds a code, or a part of one."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList

PURPOSES = WordList(
    {
        "activate": ("phiếu kích hoạt", "activation slip"),
        "help": ("phiếu hỗ trợ tại quầy", "slip for help at the counter"),
        "break_glass": ("mã niêm phong khẩn cấp", "sealed code for emergencies"),
    },
)
# Why a slip counts no more.
ENDINGS = WordList(
    {
        "by_hand": ("thu hồi", "taken back"),
        "replaced": ("có phiếu mới thay thế", "another one replaces it"),
        "not_active": (
            "người nhận không còn làm việc hoặc đang bị khóa",
            "its person is suspended or has left",
        ),
    },
)
# Why a code on a slip was not taken.
REFUSALS = WordList(
    {
        "wrong": ("sai mã", "wrong code"),
        "used": ("phiếu đã dùng", "the slip was used already"),
        "expired": ("phiếu đã hết hạn", "the slip is too old"),
        "revoked": ("phiếu đã bị thu hồi hoặc thay thế", "the slip was taken back or replaced"),
        "person_suspended": ("tài khoản đang bị khóa", "the account is suspended"),
        "person_left": ("người này đã thôi việc", "the person has left"),
        "other_person": ("phiếu của người khác", "another person’s slip"),
        "not_help": ("phiếu không phải để hỗ trợ", "the slip is not for help"),
    },
)

SLIP_ISSUED = Kind(
    "slip.issued",
    {"slip": "technical", "purpose": PURPOSES, "until": "instant", "reason": "text"},
    vi="{actor} cấp {purpose} cho {subject}, dùng được đến {until}[: {reason}]",
    en="{actor} gave {subject} one {purpose}, good until {until}[: {reason}]",
    groups=("sign-in", "people"),
)

SLIP_REVOKED = Kind(
    "slip.revoked",
    {"slip": "technical", "purpose": PURPOSES, "why": ENDINGS},
    vi="{actor} làm hết hiệu lực phiếu của {subject} ({purpose}): {why}",
    en="{actor} made a slip of {subject} ({purpose}) count no more: {why}",
    groups=("sign-in", "people"),
)

SLIP_USED = Kind(
    "slip.used",
    {"slip": "technical", "purpose": PURPOSES},
    vi="{subject} dùng {purpose}[ từ {address}]",
    en="{subject} used their {purpose}[ from {address}]",
    groups=("sign-in", "people"),
)

SLIP_REFUSED = Kind(
    "slip.refused",
    {"reason": REFUSALS},
    vi="Từ chối một mã phiếu[ của {subject}][ từ {address}]: {reason}",
    en="A code of a slip[ of {subject}] was refused[ from {address}]: {reason}",
    groups=("sign-in",),
    is_refusal=True,
    counted=("mã phiếu bị từ chối", "refused codes of slips"),
)

KINDS = (SLIP_ISSUED, SLIP_REVOKED, SLIP_USED, SLIP_REFUSED)
