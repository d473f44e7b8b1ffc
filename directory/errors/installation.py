"""What keeps an installation from being opened: its state folder, its keys, whose store it is."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

IDENTITY_DAMAGED = ErrorCode(
    "identity.damaged",
    operators=Words(
        "{path} bị hỏng: hãy khôi phục tệp này từ bản sao lưu của thư mục trạng thái.",
        "{path} is damaged: restore it from a backup of the state folder.",
    ),
)
KEYS_LOST = ErrorCode(
    "keys.lost",
    operators=Words(
        "Thiếu {path}, mà chỉ khóa này mở được dữ liệu của thư mục trạng thái. Hãy đặt lại bản "
        "chép do `danhmuc backup keys` tạo (quyền 600).",
        "{path} is missing, and only it opens what the state folder holds. Put the copy back "
        "that `danhmuc backup keys` made (mode 600).",
    ),
)
INSTALLATION_OTHER_STORE = ErrorCode(
    "installation.other_store",
    operators=Words(
        "Kho dữ liệu SQL {store} thuộc bản cài đặt khác, {theirs}; thư mục trạng thái này là "
        "{ours}. Hãy đặt đúng DANHMUC_DATABASE_URL hoặc DANHMUC_STATE. Chưa có gì bị thay đổi.",
        "The SQL store {store} belongs to another installation, {theirs}; this state folder is "
        "{ours}. Set DANHMUC_DATABASE_URL or DANHMUC_STATE right. Nothing was changed.",
    ),
)
INSTALLATION_OTHER_KEY = ErrorCode(
    "installation.other_key",
    operators=Words(
        "keys/master.key không phải là khóa đã niêm phong kho dữ liệu SQL {store}. Hãy đặt lại "
        "đúng khóa từ nơi `danhmuc backup keys` đã chép ra. Chưa có gì bị thay đổi.",
        "keys/master.key is not the key that the SQL store {store} was sealed with. Put the right "
        "one back from where `danhmuc backup keys` copied it. Nothing was changed.",
    ),
)
INSTALLATION_STORE_TAKEN = ErrorCode(
    "installation.store_taken",
    operators=Words(
        "Thư mục trạng thái còn mới nhưng kho dữ liệu SQL {store} đã có bảng. Hãy đặt "
        "DANHMUC_DATABASE_URL trỏ đến kho trống, hoặc DANHMUC_STATE trỏ đến thư mục của kho đó. "
        "Chưa có gì bị thay đổi.",
        "The state folder is new, but the SQL store {store} holds tables already. Set "
        "DANHMUC_DATABASE_URL to an empty one, or DANHMUC_STATE to the folder it belongs to. "
        "Nothing was changed.",
    ),
)

ERRORS = (
    IDENTITY_DAMAGED,
    KEYS_LOST,
    INSTALLATION_OTHER_STORE,
    INSTALLATION_OTHER_KEY,
    INSTALLATION_STORE_TAKEN,
)
