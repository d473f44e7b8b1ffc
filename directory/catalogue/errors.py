"""What is not in the catalogue, what its facts do not accept, whose value belongs to somebody else,
and entries that are not as they were. Services of people and of agencies raise these alike."""

from __future__ import annotations

from directory.errors import Conflict, ErrorCode, Words

_RELOAD = Words(
    "Hãy tải lại trang để xem dữ liệu hiện tại rồi thực hiện lại thay đổi.",
    "Reload the page to see the current data, then make your change again.",
)
_SEARCH_AGAIN = Words(
    "Hãy trở lại danh sách và tìm lại.",
    "Go back to the list and search again.",
)

PERSON_UNKNOWN = ErrorCode(
    "person.unknown",
    Words(
        "Không có người dùng nào ở địa chỉ này, hoặc người đó không thuộc phạm vi của Anh/Chị.",
        "There is nobody here under this address, or you do not look after them.",
    ),
    advice=_SEARCH_AGAIN,
    operators=Words(
        "Không có người này. Hãy tìm bằng `danhmuc person list --query …`.",
        "There is no such person. Find them with `danhmuc person list --query …`.",
    ),
)
AGENCY_UNKNOWN = ErrorCode(
    "agency.unknown",
    Words(
        "Không có cơ quan, đơn vị này, hoặc nơi đó không thuộc phạm vi của Anh/Chị.",
        "There is no such agency or unit here, or you do not look after it.",
    ),
    advice=_SEARCH_AGAIN,
    operators=Words(
        "Không có cơ quan này. `danhmuc agency list` liệt kê các mã.",
        "There is no such agency. `danhmuc agency list` shows the codes.",
    ),
)
UNIT_UNKNOWN = ErrorCode(
    "unit.unknown",
    Words(
        "Cơ quan đó không có đơn vị này.",
        "There is no such unit in that agency.",
    ),
    advice=_SEARCH_AGAIN,
    operators=Words(
        "Cơ quan đó không có đơn vị này. `danhmuc agency tree CODE` liệt kê các đơn vị.",
        "There is no such unit in that agency. `danhmuc agency tree CODE` shows them.",
    ),
)
POST_UNKNOWN = ErrorCode(
    "post.unknown",
    Words(
        "Không có vị trí công tác này.",
        "There is no such post.",
    ),
    advice=_RELOAD,
    operators=Words(
        "Không có vị trí công tác này. `danhmuc person show USER --json` cho biết các mã.",
        "There is no such post. `danhmuc person show USER --json` gives the ids.",
    ),
)
PERSON_FULL_NAME = ErrorCode(
    "person.full_name",
    Words(
        "Họ và tên phải có từ 1 đến 200 ký tự, không có dấu < và >.",
        "The full name must have 1 to 200 characters, without < and >.",
    ),
)
PERSON_USERNAME = ErrorCode(
    "person.username",
    Words(
        "Tên đăng nhập phải có từ 2 đến 63 ký tự: a–z, 0–9, dấu chấm, gạch ngang, gạch dưới; bắt "
        "đầu bằng chữ cái hoặc chữ số.",
        "The username must have 2 to 63 characters: a–z, 0–9, dot, dash, underscore; "
        "it begins with a letter or digit.",
    ),
)
PERSON_MAIL = ErrorCode(
    "person.mail",
    Words("Địa chỉ thư điện tử không hợp lệ.", "The e-mail address is not valid."),
)
PERSON_PHONE = ErrorCode(
    "person.phone",
    Words(
        "Số điện thoại chỉ gồm chữ số (ít nhất 3 chữ số), dấu cách và các dấu + ( ) . -, tối đa "
        "32 ký tự.",
        "Write the phone number with at least 3 digits; blanks and + ( ) . - may stand between "
        "them; 32 characters at most.",
    ),
)
PERSON_ADMINISTRATOR_OF = ErrorCode(
    "person.administrator_of",
    Words(
        "Tài khoản quản trị phải thuộc về một người đang có trong danh mục, và người đó không "
        "phải là một tài khoản quản trị.",
        "An administration account belongs to somebody in the catalogue who is not one themselves.",
    ),
)
PERSON_ADMINISTRATOR_MAIL = ErrorCode(
    "person.administrator_mail",
    Words(
        "Tài khoản quản trị không có hộp thư: để trống địa chỉ thư.",
        "An administration account has no mailbox: leave the address empty.",
    ),
)
PERSON_ACADEMIC_TITLE = ErrorCode(
    "person.academic_title",
    Words(
        "Học hàm, học vị ghi trên một dòng, tối đa 64 ký tự.",
        "Write the academic title on one line, with at most 64 characters.",
    ),
)
PERSON_STAFF_NO = ErrorCode(
    "person.staff_no",
    Words(
        "Mã cán bộ có tối đa 64 ký tự.",
        "The staff number may have at most 64 characters.",
    ),
)
PERSON_STAFF_CATEGORY = ErrorCode(
    "person.staff_category",
    Words(
        "Loại cán bộ không thuộc danh sách đã định.",
        "The staff category is not one of the known ones.",
    ),
)
PERSON_PRECEDENCE = ErrorCode(
    "person.precedence",
    Words(
        "Thứ tự phải là số từ 0 đến 99999.",
        "The precedence must be a number from 0 to 99999.",
    ),
)
PERSON_LANGUAGE = ErrorCode(
    "person.language",
    Words("Ngôn ngữ là vi hoặc en.", "The language is vi or en."),
)
PERSON_USERNAME_TAKEN = ErrorCode(
    "person.username.taken",
    Words(
        "Tên đăng nhập “{value}” đang hoặc đã từng thuộc về người khác.",
        "The username “{value}” belongs, or once belonged, to somebody else.",
    ),
    in_log=Words("tên đăng nhập đã có người dùng", "the user name is taken"),
)
PERSON_MAIL_TAKEN = ErrorCode(
    "person.mail.taken",
    Words(
        "Địa chỉ “{value}” đang hoặc đã từng thuộc về người khác.",
        "The address “{value}” belongs, or once belonged, to somebody else.",
    ),
    in_log=Words("địa chỉ thư đã có người dùng", "the address is taken"),
)
PERSON_STAFF_NO_TAKEN = ErrorCode(
    "person.staff_no.taken",
    Words(
        "Mã cán bộ “{value}” thuộc về người khác.",
        "The staff number “{value}” belongs to somebody else.",
    ),
    in_log=Words("mã cán bộ đã có người dùng", "the staff number is taken"),
)
AGENCY_CODE_TAKEN = ErrorCode(
    "agency.code.taken",
    Words(
        "Mã “{value}” đang hoặc đã từng thuộc về cơ quan khác.",
        "The code “{value}” belongs, or once belonged, to another agency.",
    ),
    in_log=Words("mã cơ quan đã có cơ quan khác dùng", "the code is taken"),
)
CATALOGUE_UNREADABLE = ErrorCode(
    "catalogue.unreadable",
    Words(
        "Bản ghi này trong danh mục bị hỏng nên không sửa được.",
        "This entry of the catalogue is damaged, so it cannot be changed.",
    ),
    advice=Words(
        "Vui lòng báo cho đơn vị vận hành kèm mã hỗ trợ dưới đây.",
        "Please tell the operating unit, with the support code below.",
    ),
    operators=Words(
        "Bản ghi này trong LDAP chứa nội dung không hợp lệ; có người đã ghi trực tiếp, không "
        "qua hệ thống. `danhmuc audit tail --kind catalogue.unreadable` cho biết chi tiết.",
        "The entry in LDAP holds what no record can hold; somebody wrote to it past the services. "
        "`danhmuc audit tail --kind catalogue.unreadable` says what.",
    ),
)
CATALOGUE_CHANGED_MEANWHILE = ErrorCode(
    "catalogue.changed_meanwhile",
    Words(
        "Dữ liệu vừa được người khác cập nhật.",
        "The data was changed by someone else meanwhile.",
    ),
    advice=_RELOAD,
    operators=Words(
        "Người khác vừa thay đổi dữ liệu này; hiện tại là: {current}.",
        "Somebody else changed it meanwhile; now it says: {current}.",
    ),
    in_log=Words(
        "dữ liệu đã được người khác thay đổi",
        "somebody else changed it meanwhile",
    ),
)
CATALOGUE_NO_SUCH_ENTRY = ErrorCode(
    "catalogue.no_such_entry",
    operators=Words(
        "Danh mục không còn bản ghi này.",
        "The catalogue has no such entry any more.",
    ),
)

# What must belong to one entry alone, by the namespace it is reserved in.
TAKEN = {
    "person.username": PERSON_USERNAME_TAKEN,
    "person.mail": PERSON_MAIL_TAKEN,
    "person.staff_no": PERSON_STAFF_NO_TAKEN,
    "agency.code": AGENCY_CODE_TAKEN,
}

ERRORS = (
    PERSON_UNKNOWN,
    AGENCY_UNKNOWN,
    UNIT_UNKNOWN,
    POST_UNKNOWN,
    PERSON_FULL_NAME,
    PERSON_USERNAME,
    PERSON_MAIL,
    PERSON_PHONE,
    PERSON_ACADEMIC_TITLE,
    PERSON_ADMINISTRATOR_OF,
    PERSON_ADMINISTRATOR_MAIL,
    PERSON_STAFF_NO,
    PERSON_STAFF_CATEGORY,
    PERSON_PRECEDENCE,
    PERSON_LANGUAGE,
    *TAKEN.values(),
    CATALOGUE_UNREADABLE,
    CATALOGUE_CHANGED_MEANWHILE,
    CATALOGUE_NO_SUCH_ENTRY,
)


class Unreadable(Conflict):
    """An entry of the catalogue holds no record: somebody wrote to it past the services. The feed
    tells what is wrong with it, as ``catalogue.unreadable``."""

    def __init__(self, detail: str) -> None:
        super().__init__(CATALOGUE_UNREADABLE, detail=detail)
