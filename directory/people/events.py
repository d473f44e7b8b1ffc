"""The kinds of audit events of `directory.people`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.people.absence_kinds import KINDS as ABSENCE_KINDS

# Why somebody has to set another password.
CHANGE_REASONS = WordList(
    {"leaked": ("mật khẩu nằm trong danh sách bị lộ", "it stands on a list of leaked passwords")}
)

PERSON_ADD_REQUESTED = Kind(
    "person.add.requested",
    {"intent": "technical", "username": "text", "full_name": "text"},
    vi="{actor} thêm {full_name} ({username})",
    en="{actor} added {full_name} ({username})",
    groups=("people",),
    awaits_outcome=True,
)

PERSON_CHANGE_REQUESTED = Kind(
    "person.change.requested",
    {"intent": "technical", "changes": "changes", "before": "technical"},
    vi="{actor} sửa {subject}: {changes}",
    en="{actor} changed {subject}: {changes}",
    groups=("people",),
    awaits_outcome=True,
)

CATALOGUE_UPGRADED = Kind(
    "catalogue.upgraded",
    {"step": "technical", "entries": "count", "refused": "count"},
    vi=(
        "{actor} đưa {entries} hồ sơ của danh mục sang phiên bản mới[; {refused} hồ sơ chưa đổi "
        "được]"
    ),
    en=(
        "{actor} brought {entries} records of the catalogue to the new version[; {refused} could "
        "not be changed]"
    ),
    groups=("people",),
)

PERSON_PASSWORD_CHANGE_REQUESTED = Kind(
    "person.password.change_requested",
    {"by_self": "flag"},
    vi="[by_self?{actor} đổi mật khẩu của mình][by_self!{actor} đặt mật khẩu mới cho {subject}]",
    en=(
        "[by_self?{actor} changed their password][by_self!{actor} set a new password for {subject}]"
    ),
    groups=("people",),
    awaits_outcome=True,
)

PERSON_PASSWORD_SET = Kind(
    "person.password.set",
    {"by_self": "flag"},
    vi="[by_self?{actor} đổi mật khẩu của mình][by_self!{actor} đặt mật khẩu mới cho {subject}]",
    en=(
        "[by_self?{actor} changed their password][by_self!{actor} set a new password for {subject}]"
    ),
    groups=("people",),
)

PERSON_PASSWORD_TO_CHANGE = Kind(
    "person.password.to_change",
    {"reason": CHANGE_REASONS},
    vi="{actor} buộc {subject} đổi mật khẩu ở lần đăng nhập tới: {reason}",
    en="{actor} has {subject} change their password at the next sign-in: {reason}",
    groups=("people",),
)

PERSON_ACTIVATED = Kind(
    "person.activated",
    {},
    vi="{actor} đặt mật khẩu cho {subject}; tài khoản đã được kích hoạt",
    en="{actor} set a password for {subject}, whose account is active now",
    groups=("people",),
)

PERSON_SUSPENDED = Kind(
    "person.suspended",
    {"reason": "text"},
    vi="{actor} khóa {subject}[: {reason}]",
    en="{actor} suspended {subject}[: {reason}]",
    groups=("people",),
)

PERSON_RESUMED = Kind(
    "person.resumed",
    {"reason": "text"},
    vi="{actor} mở khóa {subject}[: {reason}]",
    en="{actor} resumed {subject}[: {reason}]",
    groups=("people",),
)

PERSON_RETIRED = Kind(
    "person.retired",
    {"reason": "text"},
    vi="{actor} cho {subject} thôi sử dụng[: {reason}]",
    en="{actor} retired {subject}[: {reason}]",
    groups=("people",),
)

PERSON_MOVED = Kind(
    "person.moved",
    {
        "title_before": "text",
        "place_before": "place",
        "title": "text",
        "place": "place",
        "basis": "text",
    },
    vi=(
        "{actor} điều động {subject}[ từ {title_before} ({place_before})] sang {title} ({place})"
        "[, căn cứ {basis}]"
    ),
    en=(
        "{actor} moved {subject}[ from {title_before} ({place_before})] to {title} ({place})"
        "[ by {basis}]"
    ),
    groups=("people",),
)

PERSON_ARRIVED = Kind(
    "person.arrived",
    {
        "title_before": "text",
        "place_before": "place",
        "title": "text",
        "place": "place",
        "basis": "text",
    },
    vi=(
        "{subject} được điều động đến {place}, giữ chức vụ {title}"
        "[, từ {title_before} ({place_before})][, căn cứ {basis}]"
    ),
    en=(
        "{subject} was moved to {place} as {title}[, from {title_before} ({place_before})]"
        "[, by {basis}]"
    ),
    groups=("people",),
)

PERSON_POST_ADDED = Kind(
    "person.post_added",
    {"title": "text", "place": "place", "basis": "text"},
    vi="{actor} giao thêm cho {subject} chức vụ {title} ({place})[, căn cứ {basis}]",
    en="{actor} gave {subject} a second post, {title} ({place})[ by {basis}]",
    groups=("people",),
)

PERSON_POSTS_ENDED = Kind(
    "person.posts_ended",
    {"titles": "text", "until": "last_day"},
    vi="{actor} cho {subject} thôi giữ chức vụ {titles}, {until}",
    en="{actor} ended posts of {subject}: {titles}, {until}",
    groups=("people",),
)

PERSON_PASSWORD_CLEARED = Kind(
    "person.password.cleared",
    {"reason": "text"},
    vi="{actor} xóa mật khẩu của {subject}[: {reason}]",
    en="{actor} cleared the password of {subject}[: {reason}]",
    groups=("people",),
)

_ABSENCES = WordList(
    {name: (words.vi.lower(), words.en.lower()) for name, words in ABSENCE_KINDS.items()},
    other=("lý do khác", "another reason"),
)

ABSENCE_NOTED = Kind(
    "absence.noted",
    {"sort": _ABSENCES, "since": "day", "until": "last_day", "basis": "text"},
    vi="{actor} ghi nhận {subject} vắng mặt từ ngày {since} {until}: {sort}[ (căn cứ: {basis})]",
    en="{actor} noted that {subject} is away from {since} {until}: {sort}[ (basis: {basis})]",
    groups=("people",),
)

ABSENCE_ENDED = Kind(
    "absence.ended",
    {"sort": _ABSENCES, "since": "day", "until": "last_day"},
    vi="{actor} kết thúc thời gian vắng mặt của {subject}: {sort}, từ ngày {since} {until}",
    en="{actor} ended the absence of {subject}: {sort}, from {since} {until}",
    groups=("people",),
)

KINDS = (
    ABSENCE_NOTED,
    ABSENCE_ENDED,
    PERSON_ADD_REQUESTED,
    PERSON_CHANGE_REQUESTED,
    CATALOGUE_UPGRADED,
    PERSON_PASSWORD_CHANGE_REQUESTED,
    PERSON_PASSWORD_SET,
    PERSON_PASSWORD_TO_CHANGE,
    PERSON_ACTIVATED,
    PERSON_SUSPENDED,
    PERSON_RESUMED,
    PERSON_RETIRED,
    PERSON_MOVED,
    PERSON_ARRIVED,
    PERSON_POST_ADDED,
    PERSON_POSTS_ENDED,
    PERSON_PASSWORD_CLEARED,
)
