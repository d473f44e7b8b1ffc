"""What a person's post, standing or password cannot be."""

from __future__ import annotations

from directory.audit.vocabulary import STATUSES
from directory.errors import ErrorCode, Sentence, Words

PERSON_TITLE = ErrorCode(
    "person.title",
    Words("Nhập chức vụ, tối đa 200 ký tự.", "Enter the title, at most 200 characters."),
)
PERSON_STATUS = ErrorCode(
    "person.status",
    Words(
        "Hiện không thực hiện được. Trạng thái của người này: {status}.",
        "That is not possible now. The standing of this person: {status}.",
    ),
)
PERSON_UNUSED_MORE = ErrorCode(
    "person.unused_more",
    Words(
        "Hiện có {due} tài khoản đến hạn khóa, nhiều hơn số đã xem. Hãy xem lại danh sách.",
        "{due} accounts are due by now, more than you looked at. Look at the list again.",
    ),
)
PERSON_SAME_POST = ErrorCode(
    "person.same_post",
    Words(
        "Người này đang giữ đúng vị trí đó; chưa có gì được thay đổi.",
        "The person holds that very post already; nothing was changed.",
    ),
)
PERSON_NO_MAIN_POST = ErrorCode(
    "person.no_main_post",
    Words(
        "Người này hiện không giữ vị trí chính nào nên không có chức vụ để sửa.",
        "This person holds no main post at the moment, so there is no title to change.",
    ),
)
PERSON_REASON = ErrorCode(
    "person.reason",
    Words("Hãy nhập lý do của việc này.", "Enter the reason for this."),
    operators=Words('Cần có lý do: --reason "…".', 'A reason is needed: --reason "…".'),
)
PERSON_READ_ONLY = ErrorCode(
    "person.read_only",
    Words(
        "Anh/Chị chỉ được xem, không được sửa người dùng này.",
        "You may look at this person, but not change them.",
    ),
    by_reason={
        "own_record": Sentence(
            Words(
                "Đây là hồ sơ của chính Anh/Chị: việc sửa do một quản trị viên khác thực hiện.",
                "This is your own record: another administrator changes it.",
            )
        ),
        "out_of_scope": Sentence(
            Words(
                "Chỉ xem: vị trí chính của người này thuộc một cơ quan ngoài phạm vi của Anh/Chị.",
                "You may look only: this person's main post is in an agency you do not look after.",
            ),
            advice=Words(
                "Thông tin của một người do quản trị viên của cơ quan giữ vị trí chính của người "
                "đó sửa.",
                "People are changed by the administrator of the agency that holds their main post.",
            ),
        ),
        "more_power": Sentence(
            Words(
                "Người này giữ vai trò quản trị: chỉ người được quyền cấp vai trò đó mới sửa được.",
                "This person holds an administrative role: only somebody who may give that role "
                "changes them.",
            )
        ),
        "no_role": Sentence(
            Words(
                "Chỉ xem: vai trò của Anh/Chị không gồm việc sửa thông tin người dùng.",
                "You may look only: your role does not include changing people.",
            )
        ),
    },
)
POST_KIND = ErrorCode(
    "post.kind",
    Words(
        "Vị trí chính được giao bằng việc điều động.",
        "A main post is given by moving the person.",
    ),
    operators=Words(
        "Vị trí chính được giao bằng `danhmuc person move`.",
        "A main post is given by `danhmuc person move`.",
    ),
)
POSITION_ELSEWHERE = ErrorCode(
    "position.elsewhere",
    Words(
        "Vị trí việc làm “{name}” thuộc cơ quan hoặc đơn vị khác với nơi công tác.",
        "The position “{name}” belongs to another agency or unit than the post.",
    ),
)
PASSWORD_TOO_SHORT = ErrorCode(
    "password.too_short",
    Words(
        "Mật khẩu phải có ít nhất {shortest} ký tự.",
        "The password must have at least {shortest} characters.",
    ),
)
PASSWORD_TOO_LONG = ErrorCode(
    "password.too_long",
    Words(
        "Mật khẩu có tối đa {longest} ký tự.",
        "The password may have at most {longest} characters.",
    ),
)
PASSWORD_CONTAINS_USERNAME = ErrorCode(
    "password.contains_username",
    Words(
        "Mật khẩu không được chứa tên đăng nhập.",
        "The password must not contain the username.",
    ),
)
PASSWORD_TOO_SIMPLE = ErrorCode(
    "password.too_simple",
    Words(
        "Mật khẩu quá đơn giản: hãy dùng nhiều ký tự khác nhau hơn.",
        "The password is too simple: use more different characters.",
    ),
)
PASSWORD_CHARACTERS = ErrorCode(
    "password.characters",
    Words(
        "Mật khẩu có ký tự không nhìn thấy hoặc không gõ được, ví dụ dấu tab hoặc ký tự ẩn. Hãy "
        "gõ mật khẩu thay vì dán vào.",
        "The password holds characters that cannot be seen or typed, such as a tab or an invisible "
        "mark. Type it instead of pasting it.",
    ),
)

ABSENCE_KIND = ErrorCode(
    "absence.kind",
    Words("Hãy chọn lý do vắng mặt.", "Choose why the person is away."),
)
ABSENCE_ORDER = ErrorCode(
    "absence.order",
    Words("Ngày cuối ở trước ngày đầu.", "The last day is before the first."),
)
ABSENCE_PAST = ErrorCode(
    "absence.past",
    Words("Ngày cuối đã qua.", "The last day is over."),
)
ABSENCE_LONG = ErrorCode(
    "absence.long",
    Words(
        "Mỗi lần ghi nhận dài nhất {most} năm; hết hạn thì ghi nhận tiếp.",
        "At most {most} years at a time; it can be noted again.",
    ),
)
ABSENCE_BASIS = ErrorCode(
    "absence.basis",
    Words("Căn cứ không quá {most} ký tự.", "The basis has {most} characters at most."),
)
ABSENCE_TWICE = ErrorCode(
    "absence.twice",
    Words(
        "Trùng với lần vắng mặt đã ghi nhận từ {since} đến hết {until}. Hãy kết thúc lần đó trước.",
        "The person is away from {since} until {until} already. End that first.",
    ),
)
ABSENCE_HAS_LEFT = ErrorCode(
    "absence.has_left",
    Words(
        "Người này đã thôi sử dụng hệ thống, không ghi nhận vắng mặt nữa.",
        "This person has left for good: no absence is noted any more.",
    ),
)
ABSENCE_UNKNOWN = ErrorCode(
    "absence.unknown",
    Words("Không có lần vắng mặt này.", "There is no such absence."),
)
ABSENCE_NONE = ErrorCode(
    "absence.none",
    operators=Words("Người này không vắng mặt.", "They are not away, nor will be."),
)
ABSENCE_OVER = ErrorCode(
    "absence.over",
    Words("Lần vắng mặt này đã kết thúc.", "This absence is over."),
)

ERRORS = (
    ABSENCE_KIND,
    ABSENCE_ORDER,
    ABSENCE_PAST,
    ABSENCE_LONG,
    ABSENCE_BASIS,
    ABSENCE_TWICE,
    ABSENCE_HAS_LEFT,
    ABSENCE_UNKNOWN,
    ABSENCE_NONE,
    ABSENCE_OVER,
    PERSON_TITLE,
    PERSON_STATUS,
    PERSON_UNUSED_MORE,
    PERSON_READ_ONLY,
    PERSON_SAME_POST,
    PERSON_NO_MAIN_POST,
    PERSON_REASON,
    POST_KIND,
    POSITION_ELSEWHERE,
    PASSWORD_TOO_SHORT,
    PASSWORD_TOO_LONG,
    PASSWORD_CONTAINS_USERNAME,
    PASSWORD_TOO_SIMPLE,
    PASSWORD_CHARACTERS,
)


def standing_words(status: str) -> Words:
    """A standing as errors tell it."""
    return Words(*STATUSES.pair(status))
