"""What is wrong with a line of a sheet that gives roles or takes them back."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

LINE_ACT = ErrorCode(
    "line.act",
    Words(
        "Cột “Việc cần làm” ghi “{value}”; chỉ nhận Cấp hoặc Thu hồi (để trống là Cấp).",
        "The column “Action” says “{value}”; it may say Give or Withdraw (empty: Give).",
    ),
)
LINE_HOLDER_MISSING = ErrorCode(
    "line.holder_missing",
    Words(
        "Thiếu người giữ: hãy ghi tên đăng nhập, hoặc vị trí việc làm và nơi áp dụng.",
        "The holder is missing: write a user name, or a position and its place.",
    ),
)
LINE_HOLDER_TWICE = ErrorCode(
    "line.holder_twice",
    Words(
        "Ghi cả tên đăng nhập và vị trí việc làm; mỗi dòng chỉ cấp cho một đối tượng.",
        "There is both a user name and a position; a line is for one of them.",
    ),
)
LINE_PERSON = ErrorCode(
    "line.person",
    Words(
        "Không có người nào tên đăng nhập “{value}” trong phạm vi Anh/Chị quản trị.",
        "Nobody in your places has the user name “{value}”.",
    ),
)
LINE_POSITION = ErrorCode(
    "line.position",
    Words(
        "{place} không có vị trí việc làm “{value}” đang mở.",
        "{place} has no open position “{value}”.",
    ),
)
LINE_POSITION_SEVERAL = ErrorCode(
    "line.position_several",
    Words(
        "{place} có nhiều vị trí việc làm tên “{value}”; hãy cấp từ trang của vị trí đó.",
        "{place} has several positions “{value}”; give it from the page of the position.",
    ),
)
LINE_APPLICATION = ErrorCode(
    "line.application",
    Words("Không có ứng dụng “{value}”.", "There is no application “{value}”."),
)
LINE_ROLE = ErrorCode(
    "line.role",
    Words(
        "Ứng dụng “{application}” không có vai trò “{value}”. Các vai trò: {roles}.",
        "The application “{application}” has no role “{value}”. Its roles: {roles}.",
    ),
)
LINE_PLACE_MISSING = ErrorCode(
    "line.place_missing",
    Words(
        "Thiếu nơi áp dụng: hãy ghi mã cơ quan hoặc tên cơ quan.",
        "The place is missing: write the code or the name of the agency.",
    ),
)
LINE_PLACE = ErrorCode(
    "line.place",
    Words(
        "Không có cơ quan “{value}” trong phạm vi Anh/Chị quản trị.",
        "There is no agency “{value}” in your places.",
    ),
)
LINE_PLACE_SEVERAL = ErrorCode(
    "line.place_several",
    Words(
        "Có nhiều cơ quan tên “{value}”; hãy ghi mã cơ quan.",
        "Several agencies are called “{value}”; write the code of the agency.",
    ),
)
LINE_NOT_HELD = ErrorCode(
    "line.not_held",
    Words(
        "Không có quyền nào như vậy để thu hồi.",
        "There is no such role given that could be taken back.",
    ),
)
LINE_HELD_SEVERAL = ErrorCode(
    "line.held_several",
    Words(
        "Có {count} quyền như vậy; hãy ghi thêm nơi áp dụng, lĩnh vực hoặc thủ tục.",
        "There are {count} such roles given; add the place, the field or the procedure.",
    ),
)
LINE_TWICE = ErrorCode(
    "line.twice",
    Words("Trùng với dòng {row}.", "The same as line {row}."),
)
BULK_TOO_MANY = ErrorCode(
    "bulk.too_many",
    Words(
        "Bảng có {count} dòng; mỗi lần thực hiện không quá {most} dòng.",
        "The table has {count} lines; at most {most} are done at a time.",
    ),
    advice=Words(
        "Hãy chia thành nhiều bảng nhỏ hơn rồi gửi lần lượt.",
        "Divide it into smaller tables and send one after the other.",
    ),
)
BULK_NOTHING = ErrorCode(
    "bulk.nothing",
    Words(
        "Chưa có gì để thực hiện: hãy chọn tệp hoặc dán các dòng từ bảng tính.",
        "There is nothing to do: choose a file, or paste lines from a spreadsheet.",
    ),
)
BULK_BOTH = ErrorCode(
    "bulk.both",
    Words(
        "Có cả tệp và các dòng dán vào; hãy chỉ để lại một trong hai.",
        "There are both a file and pasted lines; leave one of them.",
    ),
)

ENTRY_NOT_MISSING = ErrorCode(
    "entry.not_missing",
    Words(
        "Yêu cầu này không còn phù hợp: người đề nghị đã vào được, đã chuyển đơn vị, hoặc ứng dụng "
        "đã thay đổi.",
        "The request does not fit any more: whoever asked may enter already or has moved, or the "
        "application was changed.",
    ),
)
ENTRY_ROLE = ErrorCode(
    "entry.role",
    Words("Hãy chọn một vai trò mà Anh/Chị được cấp.", "Choose a role that you may give."),
)
ENTRY_MANY_ASKED = ErrorCode(
    "entry.many_asked",
    Words(
        "Anh/Chị đã gửi {most} yêu cầu trong 24 giờ qua. Hãy chờ kết quả rồi đề nghị tiếp.",
        "You have sent {most} requests within 24 hours. Wait for what comes of them.",
    ),
)

ERRORS = (
    ENTRY_NOT_MISSING,
    ENTRY_ROLE,
    ENTRY_MANY_ASKED,
    LINE_ACT,
    LINE_HOLDER_MISSING,
    LINE_HOLDER_TWICE,
    LINE_PERSON,
    LINE_POSITION,
    LINE_POSITION_SEVERAL,
    LINE_APPLICATION,
    LINE_ROLE,
    LINE_PLACE_MISSING,
    LINE_PLACE,
    LINE_PLACE_SEVERAL,
    LINE_NOT_HELD,
    LINE_HELD_SEVERAL,
    LINE_TWICE,
    BULK_TOO_MANY,
    BULK_NOTHING,
    BULK_BOTH,
)
