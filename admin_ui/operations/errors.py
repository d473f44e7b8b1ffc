"""Why an installation is not prepared or written to, and what was not given to a command. The
command line is no component: it stands over the tuple of all."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

INSTALLATION_NOT_INITIALISED = ErrorCode(
    "installation.not_initialised",
    operators=Words(
        "Thư mục trạng thái {state} chưa được khởi tạo. Hãy chạy ./deploy/run hoặc `danhmuc init` "
        "trước, hoặc đặt DANHMUC_STATE trỏ đến đúng thư mục.",
        "The state folder {state} is not initialised. Run ./deploy/run or `danhmuc init` first, or "
        "set DANHMUC_STATE to the folder you mean.",
    ),
)
INSTALLATION_DEMO_ELSEWHERE = ErrorCode(
    "installation.demo_elsewhere",
    operators=Words(
        "Bản chạy thử chỉ dùng trên máy này vì mật khẩu được hiển thị, mà {issuer} là địa chỉ "
        "khác. Hãy lập bản cài đặt riêng: `danhmuc setup`, hoặc --empty.",
        "A demo is for this machine only, for its passwords are shown, and {issuer} is another "
        "address. Make an installation of your own: `danhmuc setup`, or --empty.",
    ),
)
INSTALLATION_NO_CATALOGUE = ErrorCode(
    "installation.no_catalogue",
    operators=Words(
        "Thiếu {path}, dù thư mục trạng thái này đã được sử dụng. Nếu LDAP ở máy chủ riêng, hãy "
        "đặt DANHMUC_LDAP_URI; nếu không, hãy khôi phục bản sao lưu (`danhmuc backup restore "
        "FILE`). Chưa có gì bị thay đổi.",
        "{path} is missing, though this state folder was in use. If LDAP is on servers of its own, "
        "set DANHMUC_LDAP_URI; else restore a backup (`danhmuc backup restore FILE`). Nothing was "
        "changed.",
    ),
)
INSTALLATION_OTHER_CATALOGUE = ErrorCode(
    "installation.other_catalogue",
    operators=Words(
        "Danh mục trong thư mục trạng thái này được lập cho {theirs}, nhưng nay đặt là {ours}. Hãy "
        "đặt {variable}={theirs}, hoặc DANHMUC_STATE trỏ đến thư mục khác. Chưa có gì bị thay đổi.",
        "The catalogue in this state folder was built for {theirs}, and now {ours} is set. Set "
        "{variable}={theirs}, or DANHMUC_STATE to another folder. Nothing was changed.",
    ),
)
SETUP_UNFINISHED = ErrorCode(
    "setup.unfinished",
    operators=Words(
        "`danhmuc setup` đã bắt đầu ở {state} nhưng chưa xong. Hãy chạy lại: việc cài đặt làm lại "
        "từ đầu. Muốn chạy thử hoặc cài đặt cách khác thì dùng DANHMUC_STATE khác.",
        "`danhmuc setup` was begun in {state} and did not come to its end. Run it again: it begins "
        "from nothing. For a demo or an installation without setup, use another DANHMUC_STATE.",
    ),
)
SEED_NOT_A_DEMO = ErrorCode(
    "seed.not_a_demo",
    operators=Words(
        "Đây không phải là bản chạy thử nên không được thêm người giả định.",
        "This is not a demo: made-up people have no place in it.",
    ),
)
SEED_NOT_EMPTY = ErrorCode(
    "seed.not_empty",
    operators=Words(
        "Bản cài đặt này đã có {people} người. Hãy thêm tối đa 5.000 người khi hệ thống đang chạy, "
        "hoặc lập lại toàn bộ bản chạy thử bằng --rebuild: dữ liệu cũ không được giữ.",
        "This installation holds {people} people already. Add up to 5,000 while it runs, or make "
        "the whole demo again with --rebuild: nothing of it stays.",
    ),
)
BACKUP_DISK = ErrorCode(
    "backup.disk",
    operators=Words("Đĩa từ chối: {why} ({path}).", "The disk refuses: {why} ({path})."),
)
INPUT_NO_STDIN = ErrorCode(
    "input.no_stdin",
    operators=Words(
        "Đầu vào chuẩn đang đóng. Hãy chuyển nội dung vào: `… < FILE`.",
        "Standard input is closed. Pipe the text in: `… < FILE`.",
    ),
)
INPUT_FILE = ErrorCode(
    "input.file",
    operators=Words("Không đọc được {path}: {why}", "{path} cannot be read: {why}"),
)
PASSWORD_STDIN = ErrorCode(
    "password.stdin",
    operators=Words(
        "Không có ai để hỏi. Hãy đưa mật khẩu qua đầu vào chuẩn: "
        "`danhmuc person set-password USER --password-stdin < FILE`.",
        "Nobody is here to be asked. Give the password on standard input: "
        "`danhmuc person set-password USER --password-stdin < FILE`.",
    ),
)
SETUP_INITIALISED = ErrorCode(
    "setup.initialised",
    operators=Words(
        "{state} đã được cài đặt. Những gì thay đổi được nằm trong settings.env của thư mục này "
        "(docs/reference/settings.md); cho tỉnh khác thì dùng DANHMUC_STATE khác.",
        "{state} is set up already. What may change stands in settings.env in it "
        "(docs/reference/settings.md); for another province use another DANHMUC_STATE.",
    ),
)
SETUP_NOBODY_HERE = ErrorCode(
    "setup.nobody_here",
    operators=Words(
        "Không có ai để hỏi. Hãy ghi câu trả lời vào tệp: `danhmuc setup --answers FILE`.",
        "Nobody is here to be asked. Give the answers in a file: `danhmuc setup --answers FILE`.",
    ),
)
SEED_STOP_FIRST = ErrorCode(
    "seed.stop_first",
    operators=Words(
        "Danh Mục đang chạy: lúc này chỉ thêm được tối đa {most} người, vào các cơ quan đang có. "
        "Muốn thêm nhiều hơn, hãy dừng trước.",
        "Danh Mục runs: up to {most} people can be added now, in the agencies there are. "
        "Stop it first for more.",
    ),
)
SEED_STATE_IN_USE = ErrorCode(
    "seed.state_in_use",
    operators=Words(
        "Không đưa dữ liệu vào thư mục trạng thái được: {why}.",
        "The state folder cannot be filled: {why}.",
    ),
)
SEED_TOO_FEW = ErrorCode(
    "seed.too_few",
    operators=Words(
        "Một tỉnh mẫu có ít nhất {fewest} người.",
        "A demo province has at least {fewest} people.",
    ),
)
THROTTLE_WHAT = ErrorCode(
    "throttle.what",
    operators=Words(
        "Hãy nêu cần gỡ khóa tạm thời cho ai: một người, --address ADDRESS, hoặc --all.",
        "Say whose pause to end: a person, --address ADDRESS, or --all.",
    ),
)

ERRORS = (
    INSTALLATION_NOT_INITIALISED,
    INSTALLATION_DEMO_ELSEWHERE,
    INSTALLATION_NO_CATALOGUE,
    INSTALLATION_OTHER_CATALOGUE,
    SETUP_UNFINISHED,
    SEED_NOT_A_DEMO,
    SEED_NOT_EMPTY,
    BACKUP_DISK,
    INPUT_NO_STDIN,
    INPUT_FILE,
    PASSWORD_STDIN,
    SETUP_INITIALISED,
    SETUP_NOBODY_HERE,
    SEED_STOP_FIRST,
    SEED_STATE_IN_USE,
    SEED_TOO_FEW,
    THROTTLE_WHAT,
)
