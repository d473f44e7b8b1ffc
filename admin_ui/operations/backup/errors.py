"""Why a backup, restore or drill stops."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

BACKUP_NOTHING_OURS = ErrorCode(
    "backup.nothing_ours",
    operators=Words(
        "Ở đây không có kho nào do hệ thống này sao lưu: {others}.",
        "Nothing here is ours to back up: {others}.",
    ),
)
BACKUP_NOT_ALL_OURS = ErrorCode(
    "backup.not_all_ours",
    operators=Words(
        "Khôi phục và diễn tập phải đặt lại cả hai kho, mà không phải cả hai đều của hệ thống này: "
        "{others}. `danhmuc backup unpack FILE --to DIR` lấy ra phần của hệ thống; hãy đưa lại "
        "bằng slapadd cùng lúc với việc khôi phục kho kia, LDAP trước, rồi chạy "
        "`danhmuc catalogue reconcile`.",
        "Restore and drill put both stores back together, and not both are ours: {others}. "
        "`danhmuc backup unpack FILE --to DIR` gives what ours holds; put it back with slapadd "
        "beside a restore of the other, LDAP first, then `danhmuc catalogue reconcile`.",
    ),
)
BACKUP_UNDER_WAY = ErrorCode(
    "backup.under_way",
    operators=Words(
        "Một việc sao lưu, khôi phục hoặc diễn tập khác đang chạy ở {folder}.",
        "Another backup, restore or drill is at work in {folder}.",
    ),
)
BACKUP_NONE = ErrorCode(
    "backup.none",
    operators=Words(
        "Chưa có bản sao lưu nào hoàn chỉnh. Hãy lập bằng `danhmuc backup create`.",
        "There is no finished archive yet. Make one with `danhmuc backup create`.",
    ),
)
BACKUP_NO_FILE = ErrorCode(
    "backup.no_file",
    operators=Words("Không có bản sao lưu {path}.", "There is no archive {path}."),
)
BACKUP_NO_KEY = ErrorCode(
    "backup.no_key",
    operators=Words(
        "{why}. `--keys DIR` nêu thư mục đã chép khóa ra.",
        "{why}. `--keys DIR` names the folder the keys were copied to.",
    ),
)
BACKUP_KEYS_EXIST = ErrorCode(
    "backup.keys_exist",
    operators=Words(
        "{path} đã chứa khóa khác; hãy chọn thư mục khác.",
        "{path} holds another key already; choose another folder.",
    ),
)
BACKUP_NOT_A_BACKUP = ErrorCode(
    "backup.not_a_backup",
    operators=Words(
        "Tệp này không phải là bản sao lưu của Danh Mục. Chưa có gì bị thay đổi.",
        "This file is not an archive of Danh Mục. Nothing was changed.",
    ),
)
BACKUP_OTHER_KEY = ErrorCode(
    "backup.other_key",
    operators=Words(
        "Bản sao lưu này được niêm phong bằng backup.key khác. `--keys DIR` nêu thư mục chứa khóa "
        "của nó. Chưa có gì bị thay đổi.",
        "This archive was sealed with another backup.key. `--keys DIR` names the folder of its "
        "keys. Nothing was changed.",
    ),
)
BACKUP_OTHER_MASTER_KEY = ErrorCode(
    "backup.other_master_key",
    operators=Words(
        "Mở được bản sao lưu, nhưng dữ liệu bên trong thuộc master.key khác. `--keys DIR` nêu thư "
        "mục chứa khóa của nó. Chưa có gì bị thay đổi.",
        "The archive opens, but its data belong to another master.key. `--keys DIR` names the "
        "folder of its keys. Nothing was changed.",
    ),
)
BACKUP_NO_SEALING_KEY = ErrorCode(
    "backup.no_sealing_key",
    operators=Words(
        "Mở được bản sao lưu, nhưng dữ liệu bên trong được niêm phong bằng khóa không có trong số "
        "đã đưa: {keys}. `--keys DIR` nêu thư mục được chép sau khi khóa đó được tạo "
        "(`danhmuc key rotate-sealing`). Chưa có gì bị thay đổi.",
        "The archive opens, but its data are sealed with a key that is not among those given: "
        "{keys}. `--keys DIR` names a folder copied after that key was made "
        "(`danhmuc key rotate-sealing`). Nothing was changed.",
    ),
)
BACKUP_CHECKSUM = ErrorCode(
    "backup.checksum",
    operators=Words(
        "{path} không khớp với tệp .sha256: tệp bị hỏng hoặc bị cắt. Chưa có gì bị thay đổi.",
        "{path} is not what its .sha256 says: the file is damaged or cut off. Nothing was changed.",
    ),
)
BACKUP_DAMAGED = ErrorCode(
    "backup.damaged",
    operators=Words(
        "Bản sao lưu bị hỏng, bị sửa hoặc bị cắt. Chưa có gì bị thay đổi.",
        "The archive is damaged, altered or cut off. Nothing was changed.",
    ),
)
BACKUP_NEWER_FORMAT = ErrorCode(
    "backup.newer_format",
    operators=Words(
        "Bản sao lưu do phiên bản mới hơn lập ({program}); hãy khôi phục bằng phiên bản đó. Chưa "
        "có gì bị thay đổi.",
        "The archive was made by a newer version ({program}); restore it with that one. "
        "Nothing was changed.",
    ),
)
BACKUP_OTHER_IDENTITY = ErrorCode(
    "backup.other_identity",
    operators=Words(
        "Bản sao lưu thuộc {theirs}, còn bản cài đặt này là {ours} ({variable}). Muốn khôi phục ở "
        "đây, hãy đặt {variable} theo giá trị của bản sao lưu; chưa có gì bị thay đổi.",
        "The archive is of {theirs}, this installation is {ours} ({variable}). To restore it here, "
        "set {variable} to the archive's value; nothing was changed.",
    ),
)
BACKUP_OTHER_INSTALLATION = ErrorCode(
    "backup.other_installation",
    operators=Words(
        "Bản sao lưu thuộc bản cài đặt khác ({theirs}); thư mục trạng thái này là {ours}. Hãy khôi "
        "phục vào một thư mục trống (DANHMUC_STATE). Chưa có gì bị thay đổi.",
        "The archive is of another installation ({theirs}); this state folder is {ours}. Restore "
        "it into an empty folder (DANHMUC_STATE). Nothing was changed.",
    ),
)
BACKUP_COUNTS = ErrorCode(
    "backup.counts",
    operators=Words(
        "Bản sao lưu không có đủ những gì nó ghi: {found} {what} thay vì {wanted}. Chưa có gì bị "
        "thay đổi.",
        "The archive does not hold what it says: {found} {what} instead of {wanted}. "
        "Nothing was changed.",
    ),
)
BACKUP_NO_ROOM = ErrorCode(
    "backup.no_room",
    operators=Words(
        "Đĩa quá đầy: cần {megabytes} MB bên cạnh dữ liệu hiện có. Chưa có gì bị thay đổi.",
        "The disk is too full: {megabytes} MB are needed beside the present state. "
        "Nothing was changed.",
    ),
)
BACKUP_SYSTEM_RUNS = ErrorCode(
    "backup.system_runs",
    operators=Words(
        "Hãy dừng Danh Mục trước khi khôi phục: {why}.",
        "Stop Danh Mục before a restore: {why}.",
    ),
)
BACKUP_INTERRUPTED = ErrorCode(
    "backup.interrupted",
    operators=Words(
        "Một lần khôi phục bị ngắt giữa chừng. `./deploy/run`, hoặc chạy lại chính lệnh "
        "`danhmuc backup restore` đó, sẽ làm xong trước.",
        "A restore was interrupted. `./deploy/run`, or the same `danhmuc backup restore` again, "
        "finishes it first.",
    ),
)
BACKUP_OTHER_FILE_SYSTEM = ErrorCode(
    "backup.other_file_system",
    operators=Words(
        "{path} nằm trên hệ thống tệp khác với thư mục trạng thái; việc khôi phục thay cả hai cùng "
        "lúc nên chúng phải nằm trên cùng một hệ thống tệp.",
        "{path} lies on another file system than the state folder; a restore replaces both at "
        "once, so they must be on one.",
    ),
)
BACKUP_DRILL_DIFFERENCES = ErrorCode(
    "backup.drill_differences",
    operators=Words(
        "Sau khi khôi phục, danh mục và kho dữ liệu SQL vẫn khác nhau: {found}.",
        "After the restore catalogue and SQL store still differ: {found}.",
    ),
)
BACKUP_DRILL_AUDIT = ErrorCode(
    "backup.drill_audit",
    operators=Words(
        "Không đọc được nhật ký của bản sao lưu đến hết.",
        "The audit log of the archive cannot be read to its end.",
    ),
)
BACKUP_DRILL_BIND = ErrorCode(
    "backup.drill_bind",
    operators=Words(
        "LDAP không nhận mật khẩu mà lần diễn tập đã đặt.",
        "LDAP did not take the password that the drill had set.",
    ),
)
BACKUP_DRILL_SIGN_IN = ErrorCode(
    "backup.drill_sign_in",
    operators=Words(
        "Đăng nhập thử không thành công: {why}.",
        "The trial sign-in failed: {why}.",
    ),
)

ERRORS = (
    BACKUP_NOTHING_OURS,
    BACKUP_NOT_ALL_OURS,
    BACKUP_UNDER_WAY,
    BACKUP_NONE,
    BACKUP_NO_FILE,
    BACKUP_NO_KEY,
    BACKUP_KEYS_EXIST,
    BACKUP_NOT_A_BACKUP,
    BACKUP_OTHER_KEY,
    BACKUP_OTHER_MASTER_KEY,
    BACKUP_NO_SEALING_KEY,
    BACKUP_CHECKSUM,
    BACKUP_DAMAGED,
    BACKUP_NEWER_FORMAT,
    BACKUP_OTHER_IDENTITY,
    BACKUP_OTHER_INSTALLATION,
    BACKUP_COUNTS,
    BACKUP_NO_ROOM,
    BACKUP_SYSTEM_RUNS,
    BACKUP_INTERRUPTED,
    BACKUP_OTHER_FILE_SYSTEM,
    BACKUP_DRILL_DIFFERENCES,
    BACKUP_DRILL_AUDIT,
    BACKUP_DRILL_BIND,
    BACKUP_DRILL_SIGN_IN,
)
