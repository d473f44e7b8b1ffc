"""What the SQL store refuses, or why it is not used."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

DATABASE_UNAVAILABLE = ErrorCode(
    "database.unavailable",
    Words(
        "Cơ sở dữ liệu hiện chưa trả lời.",
        "The data store does not answer at the moment.",
    ),
    advice=Words("Vui lòng đợi giây lát rồi thử lại.", "Please wait a moment and try again."),
    operators=Words(
        "Kho dữ liệu SQL không trả lời. Hãy thử lại hoặc chạy `danhmuc doctor`.",
        "The SQL store does not answer. Try again, or run `danhmuc doctor`.",
    ),
)
DATABASE_DAMAGED = ErrorCode(
    "database.damaged",
    operators=Words(
        "Kho dữ liệu SQL bị hỏng. Hãy dừng Danh Mục và khôi phục bản sao lưu tốt gần nhất "
        "(`danhmuc backup list`, `danhmuc backup restore FILE`).",
        "The SQL store is damaged. Stop Danh Mục and restore the last good backup "
        "(`danhmuc backup list`, `danhmuc backup restore FILE`).",
    ),
)
DATABASE_MISSING = ErrorCode(
    "database.missing",
    operators=Words(
        "Không thấy kho dữ liệu SQL {path}. Hãy khôi phục từ bản sao lưu (`danhmuc backup restore "
        "FILE`); hệ thống không tự tạo kho mới thay thế.",
        "The SQL store {path} is not there. Restore it from a backup (`danhmuc backup restore "
        "FILE`); nothing makes a new one in its place by itself.",
    ),
)
DATABASE_NO_SCHEMA = ErrorCode(
    "database.no_schema",
    operators=Words(
        "Kho dữ liệu SQL {store} không có bảng nào của Danh Mục, dù thư mục trạng thái này đã được "
        "sử dụng. DANHMUC_DATABASE_URL có đúng là kho đã dùng không? Nếu đúng, hãy khôi phục một "
        "bản sao lưu. Chưa có gì bị thay đổi.",
        "The SQL store {store} holds no tables of Danh Mục, though this state folder was in use. "
        "Is DANHMUC_DATABASE_URL the one it was used with? Else restore a backup. Nothing was "
        "changed.",
    ),
)
DATABASE_SCHEMA_OLDER = ErrorCode(
    "database.schema_older",
    operators=Words(
        "Kho dữ liệu SQL thuộc phiên bản cũ hơn (bước {revision}, chương trình này cần {head}). "
        "Hãy dừng Danh Mục và chạy ./deploy/run hoặc `danhmuc init`: hệ thống sẽ sao lưu rồi "
        "nâng cấp.",
        "The SQL store is of an older version (step {revision}, this program wants {head}). Stop "
        "Danh Mục and run ./deploy/run or `danhmuc init`: it backs up, then brings it up to date.",
    ),
)
DATABASE_SCHEMA_NEWER = ErrorCode(
    "database.schema_newer",
    operators=Words(
        "Kho dữ liệu SQL thuộc phiên bản mới hơn (bước {revision}; chương trình này chỉ biết đến "
        "bước {head}). Hãy dùng chương trình đã dùng lần trước, hoặc khôi phục bản sao lưu lập "
        "trước đó.",
        "The SQL store is of a newer version (step {revision}; this program knows steps up to "
        "{head}). Use the program it was last used with, or restore a backup made before.",
    ),
)
DATABASE_DIFFERS = ErrorCode(
    "database.differs",
    operators=Words(
        "Các bảng của kho dữ liệu SQL không khớp với bước {revision}: {what}. Kho do một phiên bản "
        "trước bản phát hành đầu tiên tạo ra, hoặc đã bị sửa tay. Dữ liệu mẫu thì tạo lại bằng "
        "`danhmuc seed --people N --rebuild`; nếu không, hãy khôi phục bản sao lưu hoặc dùng tiếp "
        "phiên bản đã dùng lần trước.",
        "The tables of the SQL store do not fit its step {revision}: {what}. It was made by a "
        "version before the first release, or changed by hand. A demo is made anew by `danhmuc "
        "seed --people N --rebuild`; otherwise restore a backup, or go on with the version it was "
        "last used with.",
    ),
)
DATABASE_COPY_DIFFERS = ErrorCode(
    "database.copy_differs",
    operators=Words(
        "Bản sao danh mục trong kho dữ liệu SQL không khớp với bước {revision}: {what}. Hãy chạy "
        "`danhmuc catalogue rebuild` để dựng lại bản sao từ LDAP; không mất dữ liệu nào.",
        "The copy of the catalogue in the SQL store does not fit its step {revision}: {what}. Run "
        "`danhmuc catalogue rebuild`, which makes it anew from LDAP; nothing is lost.",
    ),
)
DATABASE_VALUE_REFUSED = ErrorCode(
    "database.value_refused",
    Words(
        "Hệ thống không lưu được một trong các giá trị này, có thể vì quá dài.",
        "One of these values cannot be kept: it is too long, perhaps.",
    ),
    advice=Words(
        "Hãy kiểm tra lại thông tin đã nhập rồi thử lại.",
        "Check what you entered and try again.",
    ),
    operators=Words(
        "Kho dữ liệu SQL không lưu được một trong các giá trị này, có thể vì quá dài.",
        "The SQL store cannot hold one of these values: too long, perhaps.",
    ),
)
LEASE_LOST = ErrorCode(
    "lease.lost",
    operators=Words(
        "Một tiến trình khác đã nhận công việc này. Chưa có gì bị thay đổi; hãy thử lại.",
        "Another process took over this work meanwhile. Nothing was changed; try again.",
    ),
)

ERRORS = (
    DATABASE_UNAVAILABLE,
    DATABASE_DAMAGED,
    DATABASE_MISSING,
    DATABASE_NO_SCHEMA,
    DATABASE_SCHEMA_OLDER,
    DATABASE_SCHEMA_NEWER,
    DATABASE_DIFFERS,
    DATABASE_COPY_DIFFERS,
    DATABASE_VALUE_REFUSED,
    LEASE_LOST,
)
