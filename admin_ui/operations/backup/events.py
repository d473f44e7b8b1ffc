"""The kinds of audit events of `admin_ui.operations.backup`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList

# What became of the store that was replaced.
_STORES = WordList(
    {
        "read": ("đọc được", "it could be read"),
        "none": ("không có", "there was none"),
        "unreadable": ("không đọc được", "it could not be read"),
    },
)

_OUTCOMES = WordList(
    {
        "True": ("đạt", "passed"),
        "False": ("không đạt", "failed"),
    },
)

# Steps of a drill, as the minutes name them.
_STEPS = WordList(
    {
        "Checking the archive": ("kiểm tra bản sao lưu", "checking the archive"),
        "Opening the archive": ("mở bản sao lưu", "opening the archive"),
        "Building the catalogue": ("dựng lại danh mục", "building the catalogue"),
        "Bringing the SQL store up to date": (
            "cập nhật kho SQL",
            "bringing the SQL store up to date",
        ),
        "Starting LDAP": ("khởi động LDAP", "starting LDAP"),
        "Counting": ("đếm bản ghi", "counting"),
        "Ending sessions and tokens": ("kết thúc các phiên", "ending sessions and tokens"),
        "Making settled changes again": ("ghi lại các thay đổi", "making settled changes again"),
        "Keeping withdrawals": ("giữ các việc thu hồi", "keeping withdrawals"),
        "Comparing catalogue and SQL store": (
            "đối chiếu danh mục và kho SQL",
            "comparing catalogue and SQL store",
        ),
        "Comparing once more": ("đối chiếu lại", "comparing once more"),
        "Reading the audit log": ("đọc nhật ký", "reading the audit log"),
        "Asking LDAP for a password": ("thử mật khẩu với LDAP", "asking LDAP for a password"),
        "Signing a person in": ("đăng nhập thử", "signing a person in"),
    },
    other=("bước khác", "another step"),
)

# Withdrawals that a restore kept, in the order they are told.
_WITHDRAWN = WordList(
    {
        "people": ("tài khoản bị khóa", "accounts suspended"),
        "posts": ("vị trí công tác đã kết thúc", "posts ended"),
        "grants": ("vai trò bị thu hồi", "grants revoked"),
        "clients": ("kết nối đã ngừng", "clients disabled"),
        "client_secrets": ("khóa bí mật đã đổi", "secrets rotated"),
        "applications": ("ứng dụng bị thu hẹp", "applications narrowed"),
        "releases": ("ứng dụng được biết ít hơn", "applications that learn less"),
        "keys": ("khóa ký bị thu hồi", "signing keys revoked"),
        "factors": ("yếu tố xác thực đã gỡ", "second factors taken away"),
    },
)


BACKUP_CREATED = Kind(
    "backup.created",
    {
        "file": "text",
        "size": "technical",
        "sha256": "technical",
        "people": "count",
        "audit_events": "count",
    },
    vi="{actor} sao lưu hệ thống vào {file} ({people} người, {audit_events} sự kiện)",
    en="{actor} backed up the system to {file} ({people} people, {audit_events} events)",
    groups=("system",),
)

BACKUP_OVERDUE = Kind(
    "backup.overdue",
    {"last": "instant", "days": "count"},
    vi="Chưa có bản sao lưu mới trong {days} ngày[ (bản tốt gần nhất: {last})]",
    en="No good backup for {days} days[ (the last one: {last})]",
    groups=("system",),
)

BACKUP_KEYS_COPIED = Kind(
    "backup.keys_copied",
    {"folder": "text"},
    vi="{actor} chép các khóa của bản sao lưu ra {folder}",
    en="{actor} copied the keys of the backups to {folder}",
    groups=("system",),
)

BACKUP_DRILL = Kind(
    "backup.drill",
    {"file": "text", "ok": _OUTCOMES, "duration_s": "seconds", "failed": _STEPS},
    vi="{actor} diễn tập khôi phục từ {file}: {ok} sau {duration_s} giây[, hỏng ở bước {failed}]",
    en="{actor} drilled a restore from {file}: {ok} after {duration_s} s[, at the step {failed}]",
    groups=("system",),
)

INSTALLATION_RESTORED = Kind(
    "installation.restored",
    {
        "file": "text",
        "backup_at": "instant",
        "backup_head": "technical",
        "replaced_head": "technical",
        "replaced_store": _STORES,
        "sessions_ended": "count",
        "tokens_revoked": "count",
        "changes_replayed": "count",
        "withdrawals": _WITHDRAWN,
        "passwords_cleared": "count",
        "differences": "count",
    },
    vi=(
        "{actor} khôi phục hệ thống từ bản sao lưu {file}[ (lúc {backup_at})]; kho dữ liệu bị "
        "thay: {replaced_store}[; kết thúc {sessions_ended} phiên]"
        "[; thu hồi {tokens_revoked} mã truy cập]"
        "[; ghi lại {changes_replayed} thay đổi][; giữ các việc thu hồi: {withdrawals}]"
        "[; xóa {passwords_cleared} mật khẩu cũ][; sửa {differences} chỗ lệch]"
    ),
    en=(
        "{actor} restored the system from {file}[ (of {backup_at})]; the store it replaced: "
        "{replaced_store}[; {sessions_ended} sessions ended][; {tokens_revoked} tokens revoked]"
        "[; {changes_replayed} changes made again][; withdrawals kept: {withdrawals}]"
        "[; {passwords_cleared} old passwords cleared][; {differences} differences repaired]"
    ),
    groups=("system",),
)

KINDS = (
    BACKUP_CREATED,
    BACKUP_OVERDUE,
    BACKUP_KEYS_COPIED,
    BACKUP_DRILL,
    INSTALLATION_RESTORED,
)
