"""The kinds of audit events of `sync.feed`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.audit.vocabulary import STATUSES

# Why the catalogue was compared, and why a stopped feed went on.
_REASONS = WordList(
    {
        "first_load": ("lần nạp đầu tiên", "first load"),
        "cookie_dropped": ("mất dấu theo dõi", "the place of reading was lost"),
        "cookie_refused": (
            "máy chủ LDAP không nhận dấu theo dõi",
            "the LDAP server refused the place of reading",
        ),
        "columns_came": (
            "phiên bản mới lưu thêm thông tin",
            "the new version keeps more of each entry",
        ),
        "slapd_restarted": ("máy chủ LDAP khởi động lại", "the LDAP server was restarted"),
        "nightly": ("hằng đêm", "nightly"),
        "on_demand": ("theo yêu cầu", "on demand"),
        "restore": ("sau khi khôi phục", "after a restore"),
        "drill": ("diễn tập khôi phục", "a drill of restoring"),
        "accepted_deletions": ("đã xem và chấp nhận", "looked at and accepted"),
        "catalogue_whole_again": ("danh mục đã đầy đủ trở lại", "the catalogue is whole again"),
    },
)


CATALOGUE_OUT_OF_BAND = Kind(
    "catalogue.out_of_band",
    {
        "entry_csn": "technical",
        "mark": "technical",
        "modifier": "ldap_account",
        "before": "technical",
        "after": "difference",
    },
    vi=(
        "[subject?{subject}][subject!Một bản ghi] bị sửa ngoài hệ thống[ bởi {modifier}][: {after}]"
    ),
    en=(
        "[subject?{subject}][subject!An entry] was changed outside the system[ by {modifier}]"
        "[: {after}]"
    ),
    groups=("people",),
)

CATALOGUE_VANISHED = Kind(
    "catalogue.vanished",
    {"status": STATUSES, "snapshot": "technical"},
    vi=(
        "[subject?{subject}][subject!Một bản ghi] bị xóa khỏi danh mục ngoài hệ thống"
        "[ (trạng thái lúc đó: {status})]"
    ),
    en=(
        "[subject?{subject}][subject!An entry] was deleted from the catalogue outside the system"
        "[ (status then: {status})]"
    ),
    groups=("people",),
)

CATALOGUE_UNREADABLE = Kind(
    "catalogue.unreadable",
    {"entry_csn": "technical", "reason": "technical"},
    vi="Bản ghi[ của {subject}] trong LDAP không đọc được",
    en="The LDAP entry[ of {subject}] cannot be read",
    groups=("people",),
)

FEED_BRAKED = Kind(
    "feed.braked",
    {"lost": "count", "accounts": "count"},
    vi=(
        "Việc theo dõi danh mục đã dừng: {lost} trong {accounts} tài khoản đang hoạt động biến mất "
        "hoặc bị khóa cùng lúc ngoài hệ thống"
    ),
    en=(
        "The feed of the catalogue stopped: {lost} of {accounts} active accounts were gone or "
        "suspended at once, past the system"
    ),
    groups=("system",),
)

FEED_RELEASED = Kind(
    "feed.released",
    {"reason": _REASONS},
    vi="{actor} cho việc theo dõi danh mục chạy tiếp: {reason}",
    en="{actor} let the feed of the catalogue go on: {reason}",
    groups=("system",),
)

FEED_SWEPT = Kind(
    "feed.swept",
    {
        "reason": _REASONS,
        "entries": "count",
        "outside": "count",
        "missing": "count",
        "stale": "count",
        "extra": "count",
        "unreadable": "count",
    },
    vi=(
        "{actor} đối chiếu danh mục[ ({reason})]: {entries} bản ghi[, {outside} bị sửa ngoài "
        "hệ thống][, {missing} thiếu][, {stale} cũ][, {extra} thừa][, {unreadable} không đọc được]"
    ),
    en=(
        "{actor} compared the catalogue[ ({reason})]: {entries} entries[, {outside} changed "
        "outside the system][, {missing} missing][, {stale} stale][, {extra} extra]"
        "[, {unreadable} unreadable]"
    ),
    groups=("system",),
)

PROJECTION_REBUILT = Kind(
    "projection.rebuilt",
    {"people": "count", "agencies": "count", "kept": "count"},
    vi=(
        "{actor} dựng lại bản sao danh mục: {people} người, {agencies} cơ quan và đơn vị"
        "[, giữ lại {kept} bản ghi không còn trong LDAP]"
    ),
    en=(
        "{actor} rebuilt the copy of the catalogue: {people} people, {agencies} agencies and "
        "units[, {kept} rows kept whose entries are gone]"
    ),
    groups=("system",),
)

KINDS = (
    CATALOGUE_OUT_OF_BAND,
    CATALOGUE_VANISHED,
    CATALOGUE_UNREADABLE,
    FEED_BRAKED,
    FEED_RELEASED,
    FEED_SWEPT,
    PROJECTION_REBUILT,
)
