"""Why a list does not leave."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

EXPORT_REASON = ErrorCode(
    "export.reason",
    Words(
        "Danh sách có {count} dòng. Để xuất hơn {most} dòng một lần, hãy nhập lý do.",
        "The list has {count} lines. To take more than {most} at once, enter the reason.",
    ),
    operators=Words(
        'Danh sách có {count} dòng; hơn {most} dòng thì cần lý do: --reason "…".',
        'The list has {count} lines; for more than {most} a reason is needed: --reason "…".',
    ),
)
EXPORT_OVER_QUOTA = ErrorCode(
    "export.over_quota",
    Words(
        "Danh sách có {count} dòng, mà mỗi ngày một người được xuất không quá {quota} dòng (hôm "
        "nay Anh/Chị đã xuất {taken} dòng).",
        "The list has {count} lines, and one person may take {quota} in a day (you have taken "
        "{taken} today).",
    ),
    advice=Words(
        "Hãy thu hẹp bộ lọc. Nếu công việc cần cả danh sách, hãy gửi yêu cầu để người thứ hai "
        "phê duyệt.",
        "Narrow the list down. If your work needs all of it, send a request for a second person "
        "to approve.",
    ),
    title=Words("Vượt hạn mức xuất danh sách", "More than may be taken in a day"),
)

ERRORS = (EXPORT_REASON, EXPORT_OVER_QUOTA)
