"""The kinds of audit events of `admin_ui.operations.backup`."""

from __future__ import annotations

from directory.audit.kinds import Kind

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
)

BACKUP_OVERDUE = Kind(
    "backup.overdue",
    {"last": "instant", "days": "count"},
    vi="Chưa có bản sao lưu mới trong {days} ngày[ (bản tốt gần nhất: {last})]",
    en="No good backup for {days} days[ (the last one: {last})]",
)

BACKUP_KEYS_COPIED = Kind(
    "backup.keys_copied",
    {"folder": "text"},
    vi="{actor} chép các khóa của bản sao lưu ra {folder}",
    en="{actor} copied the keys of the backups to {folder}",
)

BACKUP_DRILL = Kind(
    "backup.drill",
    {"file": "text", "ok": "outcome", "duration_s": "seconds", "failed": "step"},
    vi="{actor} diễn tập khôi phục từ {file}: {ok} sau {duration_s} giây[, hỏng ở bước {failed}]",
    en="{actor} drilled a restore from {file}: {ok} after {duration_s} s[, at the step {failed}]",
)

INSTALLATION_RESTORED = Kind(
    "installation.restored",
    {
        "file": "text",
        "backup_at": "instant",
        "backup_head": "technical",
        "replaced_head": "technical",
        "replaced_store": "store",
        "sessions_ended": "count",
        "tokens_revoked": "count",
        "changes_replayed": "count",
        "withdrawals": "counts",
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
)

KINDS = (
    BACKUP_CREATED,
    BACKUP_OVERDUE,
    BACKUP_KEYS_COPIED,
    BACKUP_DRILL,
    INSTALLATION_RESTORED,
)
