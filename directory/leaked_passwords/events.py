"""The kinds of audit events of `directory.leaked_passwords`: numbers, and nothing of the list."""

from __future__ import annotations

from directory.audit.kinds import Kind

LEAKED_LIST_READ = Kind(
    "leaked_list.read",
    {"list": "technical", "lines": "count", "known": "count", "unreadable": "count"},
    vi=(
        "{actor} đưa vào một danh sách mật khẩu bị lộ gồm {lines} dòng: {known} dòng của người "
        "trong danh mục sẽ được thử[; {unreadable} dòng không đọc được]"
    ),
    en=(
        "{actor} brought in a list of leaked passwords of {lines} lines: {known} of people in the "
        "catalogue are tried[; {unreadable} could not be read]"
    ),
    groups=("people",),
)
LEAKED_LIST_DONE = Kind(
    "leaked_list.done",
    {"list": "technical", "matched": "count", "others": "count"},
    vi=(
        "{actor} thử xong một danh sách mật khẩu bị lộ: {matched} mật khẩu còn đang dùng và phải "
        "đổi, {others} không còn đúng"
    ),
    en=(
        "{actor} has tried a list of leaked passwords: {matched} were in use and have to be "
        "changed, {others} were not"
    ),
    groups=("people",),
)

KINDS = (LEAKED_LIST_READ, LEAKED_LIST_DONE)
