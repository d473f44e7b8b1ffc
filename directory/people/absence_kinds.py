"""Why people are away."""

from __future__ import annotations

from collections.abc import Mapping

from directory.errors import Words

KINDS: Mapping[str, Words] = {
    "maternity": Words("Nghỉ thai sản", "Maternity leave"),
    "study": Words("Đi học", "Study"),
    "secondment": Words("Biệt phái", "Secondment"),
    "illness": Words("Nghỉ ốm dài ngày", "Long illness"),
    "unpaid": Words("Nghỉ không hưởng lương", "Unpaid leave"),
    "other": Words("Lý do khác", "Another reason"),
}
