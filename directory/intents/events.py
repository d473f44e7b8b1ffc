"""The kinds of audit events of `directory.intents`."""

from __future__ import annotations

from directory.audit.kinds import Kind

CHANGE_DONE = Kind(
    "change.done",
    {"intent": "technical", "entry_csn": "technical", "recovered": "flag"},
    vi="Thay đổi đối với {subject} đã được ghi vào danh mục",
    en="The change of {subject} was written to the catalogue",
)

CHANGE_REFUSED = Kind(
    "change.refused",
    {"intent": "technical", "reason": "word"},
    vi="Thay đổi đối với {subject} không được ghi: {reason}",
    en="The change of {subject} was not written: {reason}",
    is_refusal=True,
)

KINDS = (
    CHANGE_DONE,
    CHANGE_REFUSED,
)
