"""Why somebody may not do something, and what an application, role, grant or position cannot be."""

from __future__ import annotations

from directory.errors import ErrorCode, Sentence, Words

AUTHZ_DENIED = ErrorCode(
    "authz.denied",
    Words(
        "Vai trò của Anh/Chị không cho phép việc này.",
        "Your role does not allow this.",
    ),
    advice=Words(
        "Nếu cần cho công việc, hãy hỏi người quản trị của cơ quan.",
        "If you need it for your work, ask the administrator of your agency.",
    ),
    operators=Words("Không được phép ({reason}).", "That is not allowed ({reason})."),
)
APPLICATION_UNKNOWN = ErrorCode(
    "application.unknown",
    Words("Không có ứng dụng “{value}”.", "There is no application “{value}”."),
    operators=Words(
        "Không có ứng dụng “{value}”. `danhmuc client list` liệt kê các ứng dụng.",
        "There is no application “{value}”. `danhmuc client list` shows them.",
    ),
)
APPLICATION_REMOVED = ErrorCode(
    "application.removed",
    Words(
        "Ứng dụng “{value}” đã bị xóa hẳn; mã của ứng dụng này không bao giờ được cấp lại.",
        "The application “{value}” was removed for good; its id is never given again.",
    ),
)
APPLICATION_ID = ErrorCode(
    "application.id",
    Words(
        "Mã ứng dụng phải có từ 1 đến 120 ký tự.",
        "The id of an application must have 1 to 120 characters.",
    ),
)
APPLICATION_NAME = ErrorCode(
    "application.name",
    Words("Ứng dụng phải có tên.", "The application needs a name."),
)
APPLICATION_AGENCIES = ErrorCode(
    "application.agencies",
    Words(
        "Chọn các cơ quan có người được vào.",
        "Choose the agencies whose people may enter.",
    ),
    operators=Words(
        "Hãy nêu các cơ quan có người được vào: --agency CODE.",
        "Give the agencies whose people may enter: --agency CODE.",
    ),
)
APPLICATION_OWNER = ErrorCode(
    "application.owner",
    Words(
        "Ứng dụng nội bộ phải thuộc một cơ quan.",
        "An internal application belongs to an agency.",
    ),
    operators=Words(
        "Ứng dụng nội bộ phải thuộc một cơ quan: --owner CODE.",
        "An internal application belongs to an agency: --owner CODE.",
    ),
)
APPLICATION_NOT_YOURS = ErrorCode(
    "application.not_yours",
    Words(
        "Anh/Chị chỉ đăng ký và sửa ứng dụng nội bộ của cơ quan mình quản trị.",
        "You register and change internal applications of the agencies you administer.",
    ),
    advice=Words(
        "Ứng dụng dùng chung do quản trị viên cấp tỉnh đăng ký và sửa.",
        "Shared applications are registered and changed by administrators of the province.",
    ),
    operators=Words("Không được phép ({reason}).", "That is not allowed ({reason})."),
)
APPLICATION_OPENS_BEYOND = ErrorCode(
    "application.opens_beyond",
    Words(
        "Anh/Chị chỉ mở được ứng dụng cho các cơ quan mình quản trị.",
        "You may open the application only to agencies that you administer.",
    ),
    advice=Words(
        "Muốn mở rộng hơn, hãy gửi yêu cầu mở ứng dụng để cấp tỉnh phê duyệt.",
        "To open it further, ask for it: administrators of the province approve that.",
    ),
    operators=Words("Không được phép ({reason}).", "That is not allowed ({reason})."),
)
ROLE_UNKNOWN = ErrorCode(
    "role.unknown",
    Words("Không có vai trò “{value}”.", "There is no role “{value}”."),
    operators=Words(
        "Không có vai trò “{value}”. `danhmuc role list` liệt kê các vai trò.",
        "There is no role “{value}”. `danhmuc role list` shows them.",
    ),
)
ROLE_NAME = ErrorCode(
    "role.name",
    Words(
        "Tên vai trò “{value}” chỉ gồm chữ thường không dấu, chữ số và các dấu . - _.",
        "The role name “{value}” must be lower-case letters, digits, . - and _.",
    ),
)
ROLE_GIVEN_BY = ErrorCode(
    "role.given_by",
    Words(
        "Người cấp các vai trò của chính Danh Mục đã được định sẵn.",
        "The roles of Danh Mục itself have givers of their own.",
    ),
)
ROLE_TITLE = ErrorCode(
    "role.title",
    Words(
        "Vai trò phải có tên tiếng Việt, mỗi tên tối đa {longest} ký tự.",
        "A role needs a Vietnamese title; a title has at most {longest} characters.",
    ),
)
ROLE_DESCRIPTION = ErrorCode(
    "role.description",
    Words(
        "Mô tả vai trò có tối đa {longest} ký tự.",
        "The description of a role has at most {longest} characters.",
    ),
)
ROLE_EXISTS = ErrorCode(
    "role.exists",
    Words(
        "Ứng dụng này đã có vai trò mã “{value}”.",
        "The application has a role with the key “{value}” already.",
    ),
)
ROLE_CHANGED_MEANWHILE = ErrorCode(
    "role.changed_meanwhile",
    Words(
        "Có người khác vừa sửa vai trò này.",
        "Somebody else has just changed this role.",
    ),
    advice=Words("Hãy mở lại trang để xem.", "Open the page again to see."),
)
ROLE_RETIRED = ErrorCode(
    "role.retired",
    Words(
        "Vai trò “{role}” đã ngừng cấp: không cấp mới và không gia hạn được.",
        "The role “{role}” is retired: it is neither given nor renewed any more.",
    ),
)
ROLE_STATE = ErrorCode(
    "role.state",
    Words(
        "Vai trò đã ở trạng thái này, do người khác vừa làm.",
        "The role is so already: somebody else was first.",
    ),
)
ROLE_DAYS = ErrorCode(
    "role.days",
    Words(
        "Thời hạn mặc định phải từ 1 đến {most} ngày.",
        "A grant holds for 1 to {most} days by default.",
    ),
)
ROLE_EXCLUDES = ErrorCode(
    "role.excludes",
    Words(
        "Vai trò loại trừ “{value}” phải là một vai trò khác của cùng ứng dụng.",
        "The excluded role “{value}” must be another role of the same application.",
    ),
)
CODE_LIST = ErrorCode(
    "code.list",
    Words(
        "Không có danh mục “{value}”: chỉ có title (chức vụ), rank (ngạch), admin-unit (đơn vị "
        "hành chính), field (lĩnh vực) và procedure (thủ tục).",
        "There is no list “{value}”: there are title, rank, admin-unit, field and procedure.",
    ),
)
CODE_FORM = ErrorCode(
    "code.form",
    Words(
        "Mã có từ 1 đến 64 chữ cái không dấu, chữ số hoặc các dấu . - _, và bắt đầu bằng chữ cái "
        "hoặc chữ số.",
        "A code has 1 to 64 letters, digits or . - _, and begins with a letter or digit.",
    ),
)
CODE_NAME = ErrorCode(
    "code.name",
    Words("Mã phải có tên.", "A code needs a name."),
)
CODE_DATES = ErrorCode(
    "code.dates",
    Words(
        "Ngày hết hiệu lực của mã ở trước ngày có hiệu lực.",
        "The code would end before it begins.",
    ),
)
CODE_LONG = ErrorCode(
    "code.long",
    Words(
        "Nội dung này dài quá: tối đa {most} ký tự.",
        "This is too long: {most} characters at most.",
    ),
)
CODE_PRECEDENCE = ErrorCode(
    "code.precedence",
    Words(
        "Thứ tự là một số từ 0 đến {most}; 0 là xếp sau cùng.",
        "The order is a number from 0 to {most}; 0 comes last.",
    ),
)
CODE_NOTHING_ABOVE = ErrorCode(
    "code.nothing_above",
    Words("Danh mục này không có mã cấp trên.", "Codes of this list have none above them."),
)
CODE_ABOVE = ErrorCode(
    "code.above",
    Words("Không có mã cấp trên “{value}”.", "There is no code “{value}” to stand above it."),
)
CODE_CIRCLE = ErrorCode(
    "code.circle",
    Words(
        "Mã “{value}” sẽ nằm dưới chính nó. Hãy chọn mã cấp trên khác.",
        "The code “{value}” would stand below itself. Choose another above it.",
    ),
)
CODE_OVER = ErrorCode(
    "code.over",
    Words(
        "Mã “{value}” đã hết hiệu lực (ngày cuối {until}): mã giữ nguyên để tra cứu và không được "
        "cấp lại. Hãy dùng một mã mới.",
        "The code “{value}” is no longer valid (last day {until}): it stays as it is and is never "
        "given again. Use a new code.",
    ),
)
CODE_SAME_NAME = ErrorCode(
    "code.same_name",
    Words(
        "“{name}” đã có trong danh mục với mã {code}.",
        "“{name}” is in the list already, as {code}.",
    ),
)
CODE_CHANGED_MEANWHILE = ErrorCode(
    "code.changed_meanwhile",
    Words(
        "Trong lúc Anh/Chị nhập, người khác đã sửa mã này. Hãy xem lại rồi lưu lần nữa.",
        "Somebody else changed this code while you were typing. Look again and save once more.",
    ),
)
CODE_LINES = ErrorCode(
    "code.lines",
    Words(
        "Tệp có {count} dòng lỗi; chưa có mã nào được ghi.",
        "Lines at fault: {count}. No code was put on the list.",
    ),
)
CODE_NOT_THERE = ErrorCode(
    "code.not_there",
    Words("Không có mã này trong danh mục.", "There is no such code in the list."),
)
CODE_LIST_UNKNOWN = ErrorCode(
    "code.list_unknown",
    Words("Không có danh mục này.", "There is no such list."),
)
CODE_EXISTS = ErrorCode(
    "code.exists",
    Words(
        "Mã “{value}” đã có trong danh mục ({name}). Hãy dùng một mã khác.",
        "The code “{value}” is in the list already ({name}). Use another.",
    ),
)
TITLE_UNLISTED = ErrorCode(
    "title.unlisted",
    Words(
        "“{value}” không có trong danh mục chức vụ, chức danh. Hãy chọn một chức danh trong đó.",
        "“{value}” is not in the list of titles. Choose one from the list.",
    ),
)
CODE_UNKNOWN = ErrorCode(
    "code.unknown",
    Words(
        "Mã “{value}” không có trong danh mục, hoặc không còn hiệu lực.",
        "There is no code “{value}” in the list, or it is no longer valid.",
    ),
)
GRANT_BEYOND = ErrorCode(
    "grant.beyond",
    Words(
        "Ứng dụng này là ứng dụng nội bộ: vai trò của nó chỉ cấp tại đơn vị chủ quản, các đơn vị"
        " trực thuộc và các đơn vị đã được mở ứng dụng, cho người của những nơi đó.",
        "This application is internal: its roles are given in the agency that owns it, in those"
        " under it and in those it is open to, to people of these places.",
    ),
)
GRANT_NARROWED = ErrorCode(
    "grant.narrowed",
    Words(
        "Vai trò này không cấp riêng cho lĩnh vực hay thủ tục.",
        "This role is not given for one field or procedure.",
    ),
    by_reason={
        "must": Sentence(
            Words(
                "Vai trò này phải cấp cho một lĩnh vực hoặc thủ tục cụ thể.",
                "This role must be given for one field or procedure.",
            )
        )
    },
)
GRANT_TOO_LONG = ErrorCode(
    "grant.too_long",
    Words(
        "Vai trò này chỉ được cấp có thời hạn, mỗi lần không quá {days} ngày.",
        "This role is given with a last day, for at most {days} days at a time.",
    ),
    advice=Words(
        "Chọn ngày hết hạn sớm hơn; hết hạn có thể gia hạn.",
        "Choose an earlier last day; it can be renewed then.",
    ),
)
GRANT_NEEDS_END = ErrorCode(
    "grant.needs_end",
    Words(
        "Vai trò phải được cấp có thời hạn.",
        "The role must be given with a last day.",
    ),
    advice=Words(
        "Chỉ quản trị viên của tỉnh cấp được vai trò không thời hạn.",
        "Only operators of the province give roles without end.",
    ),
)
GRANT_NEEDS_APPROVAL = ErrorCode(
    "grant.needs_approval",
    Words(
        "Vai trò này chỉ được cấp khi có người thứ hai phê duyệt.",
        "This role is given only when a second person approves it.",
    ),
    advice=Words("Hãy gửi yêu cầu.", "Ask for it."),
)
GRANT_APPROVER = ErrorCode(
    "grant.approver",
    Words(
        "Người đề nghị không còn quyền cấp vai trò này: hãy từ chối yêu cầu.",
        "Whoever asked may not give this role any more: refuse the request.",
    ),
)
GRANT_EXCLUDED = ErrorCode(
    "grant.excluded",
    Words(
        "Không ai được giữ đồng thời vai trò “{role}” và “{other}”. Người vướng: {people}.",
        "Nobody may hold the roles “{role}” and “{other}” together. Who would: {people}.",
    ),
)
GRANT_LINES = ErrorCode(
    "grant.lines",
    Words(
        "Không cấp gì: {count} dòng không thực hiện được.",
        "Nothing was done: {count} lines cannot be done.",
    ),
)
GRANT_TOO_MANY = ErrorCode(
    "grant.too_many",
    Words(
        "Mỗi lần xử lý tối đa {most} dòng.",
        "At most {most} lines at a time.",
    ),
)
GRANT_UNKNOWN = ErrorCode(
    "grant.unknown",
    Words("Không có lần cấp vai trò này.", "No such grant stands."),
    operators=Words(
        "Không có lần cấp vai trò này. `danhmuc grant list` liệt kê các lần cấp.",
        "No such grant stands. `danhmuc grant list` shows them.",
    ),
)
GRANT_READ_ONLY = ErrorCode(
    "grant.read_only",
    Words(
        "Anh/Chị được xem quyền này, không được gia hạn hoặc thu hồi.",
        "You may look at this role given, but neither renew it nor take it back.",
    ),
    by_reason={
        "own_grant": Sentence(
            Words(
                "Đây là quyền của chính Anh/Chị: người quản trị khác gia hạn hoặc thu hồi.",
                "This role is your own: another administrator renews it or takes it back.",
            )
        ),
        "holder_out_of_scope": Sentence(
            Words(
                "Người giữ không thuộc phạm vi Anh/Chị quản trị: người quản trị nơi họ công tác "
                "hoặc cấp tỉnh gia hạn, thu hồi.",
                "Its holder is not of your places: an administrator of where they work or of the "
                "province renews it or takes it back.",
            )
        ),
        "upward": Sentence(
            Words(
                "Vai trò này thuộc thẩm quyền của tỉnh: tỉnh gia hạn hoặc thu hồi.",
                "The province gives this role, renews it and takes it back.",
            )
        ),
    },
)
GRANT_ENDED = ErrorCode(
    "grant.ended",
    Words(
        "Vai trò này đã được thu hồi hoặc gia hạn trước đó, nên không có gì thay đổi.",
        "This role was taken back or renewed before, so nothing was changed.",
    ),
)
GRANT_REASON = ErrorCode(
    "grant.reason",
    Words("Hãy nhập lý do của việc này.", "Enter the reason for this."),
    operators=Words('Cần có lý do: --reason "…".', 'A reason is needed: --reason "…".'),
)
GRANT_PRIVILEGED = ErrorCode(
    "grant.privileged",
    Words(
        "Vai trò “{role}” chỉ cấp cho tài khoản quản trị riêng của một người, không cấp cho tài "
        "khoản làm việc hằng ngày, bố trí hay vị trí việc làm.",
        "The role “{role}” is given to an administration account of somebody, not to the account "
        "of their daily work, a post or a position.",
    ),
    operators=Words(
        "Vai trò “{role}” chỉ cấp cho tài khoản quản trị. Hãy thêm một tài khoản: "
        "`danhmuc person add --administrator-of USER …`.",
        "The role “{role}” is given to an administration account alone. Add one: "
        "`danhmuc person add --administrator-of USER …`.",
    ),
)
GRANT_ADMINISTERS_ONLY = ErrorCode(
    "grant.administers_only",
    Words(
        "Tài khoản quản trị chỉ dùng để quản trị Danh mục: vai trò của ứng dụng khác cấp cho tài "
        "khoản làm việc của người đó.",
        "An administration account only administers the catalogue: roles of other applications are "
        "given to the person's own account.",
    ),
)
GRANT_DATES = ErrorCode(
    "grant.dates",
    Words("Ngày cuối ở trước ngày đầu.", "The last day lies before the first."),
)
GRANT_OVER = ErrorCode(
    "grant.over",
    Words(
        "Ngày cuối {value} đã qua: vai trò sẽ không bao giờ có hiệu lực.",
        "The last day, {value}, is over: the role would never hold.",
    ),
)
GRANT_EXISTS = ErrorCode(
    "grant.exists",
    Words("Vai trò này đã được cấp.", "This role is given already."),
    operators=Words(
        "Vai trò này đã được cấp, ở lần cấp {grant}. `danhmuc grant renew` thay đổi thời hạn.",
        "This role is given already, by grant {grant}. `danhmuc grant renew` changes how long it "
        "holds.",
    ),
)
GRANT_NOT_YOURS_TO_RENEW = ErrorCode(
    "grant.not_yours_to_renew",
    Words(
        "Anh/Chị không được cấp lại {roles}; nếu không giữ, vai trò sẽ hết hiệu lực.",
        "You may not give {roles} anew; without keeping it, it ends.",
    ),
)
POSITION_UNKNOWN = ErrorCode(
    "position.unknown",
    Words("Không có vị trí việc làm này.", "There is no such position."),
    operators=Words(
        "Không có vị trí việc làm {value}. `danhmuc position list` liệt kê các vị trí.",
        "There is no position {value}. `danhmuc position list` shows them.",
    ),
)
POSITION_NAME = ErrorCode(
    "position.name",
    Words(
        "Vị trí việc làm phải có tên, tối đa {longest} ký tự.",
        "A position needs a name of at most {longest} characters.",
    ),
)
POSITION_EXISTS = ErrorCode(
    "position.exists",
    Words(
        "Nơi đó đã có vị trí việc làm tên là “{name}”.",
        "There is a position called “{name}” in that place already.",
    ),
)
POSITION_CLOSED = ErrorCode(
    "position.closed",
    Words(
        "Vị trí việc làm “{name}” đã đóng: không bố trí thêm người được.",
        "The position “{name}” is closed: nobody can be put on it.",
    ),
    in_log=Words("vị trí việc làm đã đóng", "the position is closed"),
)
POSITION_CHANGED_MEANWHILE = ErrorCode(
    "position.changed_meanwhile",
    Words(
        "Có người khác vừa đổi tên vị trí việc làm này thành “{name}”.",
        "Somebody else has just called this position “{name}”.",
    ),
    advice=Words("Lưu lần nữa nếu vẫn muốn đổi.", "Save again to change that."),
)
POSITION_HELD = ErrorCode(
    "position.held",
    Words(
        "Vị trí việc làm vẫn còn {holders} người giữ. Hãy chuyển họ đi hoặc kết thúc vị trí công "
        "tác của họ.",
        "The position still has holders ({holders}). Move them, or end their posts.",
    ),
)
POSITION_REASON = ErrorCode(
    "position.reason",
    Words("Hãy nhập lý do của việc này.", "Enter the reason for this."),
    operators=Words('Cần có lý do: --reason "…".', 'A reason is needed: --reason "…".'),
)
POSITION_BRINGS_ROLES = ErrorCode(
    "position.brings_roles",
    Words(
        "Vị trí việc làm này kèm theo vai trò mà Anh/Chị không được cấp: {roles}.",
        "This position brings roles you may not give: {roles}.",
    ),
)

ERRORS = (
    AUTHZ_DENIED,
    APPLICATION_UNKNOWN,
    APPLICATION_REMOVED,
    APPLICATION_ID,
    APPLICATION_NAME,
    APPLICATION_AGENCIES,
    APPLICATION_OWNER,
    APPLICATION_NOT_YOURS,
    APPLICATION_OPENS_BEYOND,
    ROLE_UNKNOWN,
    ROLE_NAME,
    ROLE_GIVEN_BY,
    ROLE_TITLE,
    ROLE_DESCRIPTION,
    ROLE_EXISTS,
    ROLE_CHANGED_MEANWHILE,
    ROLE_RETIRED,
    ROLE_STATE,
    ROLE_DAYS,
    ROLE_EXCLUDES,
    CODE_LIST,
    CODE_FORM,
    CODE_NAME,
    CODE_DATES,
    CODE_LONG,
    CODE_PRECEDENCE,
    CODE_NOTHING_ABOVE,
    CODE_ABOVE,
    CODE_CIRCLE,
    CODE_OVER,
    CODE_SAME_NAME,
    CODE_CHANGED_MEANWHILE,
    CODE_LINES,
    CODE_NOT_THERE,
    CODE_LIST_UNKNOWN,
    CODE_EXISTS,
    TITLE_UNLISTED,
    CODE_UNKNOWN,
    GRANT_BEYOND,
    GRANT_NARROWED,
    GRANT_TOO_LONG,
    GRANT_NEEDS_END,
    GRANT_NEEDS_APPROVAL,
    GRANT_APPROVER,
    GRANT_EXCLUDED,
    GRANT_LINES,
    GRANT_TOO_MANY,
    GRANT_UNKNOWN,
    GRANT_READ_ONLY,
    GRANT_ENDED,
    GRANT_REASON,
    GRANT_PRIVILEGED,
    GRANT_ADMINISTERS_ONLY,
    GRANT_DATES,
    GRANT_OVER,
    GRANT_EXISTS,
    GRANT_NOT_YOURS_TO_RENEW,
    POSITION_UNKNOWN,
    POSITION_NAME,
    POSITION_EXISTS,
    POSITION_CLOSED,
    POSITION_CHANGED_MEANWHILE,
    POSITION_HELD,
    POSITION_REASON,
    POSITION_BRINGS_ROLES,
)
