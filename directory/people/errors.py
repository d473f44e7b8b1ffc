"""What a person's post, standing or password cannot be."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

PERSON_TITLE = ErrorCode(
    "person.title",
    Words("Nhập chức vụ, tối đa 200 ký tự.", "Enter the title, at most 200 characters."),
)
PERSON_STATUS = ErrorCode(
    "person.status",
    Words(
        "Hiện không thực hiện được: trạng thái của người này là “{status}”.",
        "That is not possible now: the person is “{status}”.",
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
POST_KIND = ErrorCode(
    "post.kind",
    Words(
        "Vị trí chính được giao bằng việc điều chuyển.",
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

ERRORS = (
    PERSON_TITLE,
    PERSON_STATUS,
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
