"""What the fields of events hold and how it is told: one form a field, one list of words a form.

A form says what a value is. Those of `VOCABULARIES` are lists of stable words; a word that is not
in its list is never shown as it is. The console and the command line read the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping

from directory.audit.kinds import Form, Pair
from directory.audit.reasons import ERRORS, WORDS

STATUSES: Mapping[str, Pair] = {
    "pending": ("chưa kích hoạt", "not activated"),
    "active": ("đang hoạt động", "active"),
    "suspended": ("bị khóa", "suspended"),
    "left": ("đã thôi sử dụng", "has left"),
    "closed": ("đã giải thể", "closed"),
}

VOCABULARIES: Mapping[str, Mapping[str, Pair]] = {
    "word": WORDS,
    "status": STATUSES,
    # What somebody was not let do, before the words for its object.
    "action": {
        "people:read": ("xem", "look at"),
        "people:write": ("sửa", "change"),
        "people:suspend": ("khóa hoặc mở khóa", "suspend or resume"),
        "people:retire": ("cho thôi sử dụng", "retire"),
        "people:unlock": ("gỡ tạm dừng đăng nhập cho", "end the pause of"),
        "positions:write": ("sửa danh mục vị trí việc làm của", "change the positions of"),
        "people:set-password": ("đặt mật khẩu cho", "set the password of"),
        "agencies:read": ("xem", "look at"),
        "agencies:write": ("sửa", "change"),
        "applications:write": ("sửa", "change"),
        "clients:write": ("sửa kết nối của", "change the connection of"),
        "roles:write": ("khai báo vai trò của", "declare roles of"),
        "grants:write": ("giao hoặc thu hồi", "give or take back"),
        "audit:read": ("xem nhật ký của", "read the audit log of"),
        "application:enter": ("vào", "enter"),
    },
    # Why: follows the object.
    "denial": {
        "out_of_scope": (" ngoài phạm vi", " out of scope"),
        "holder_out_of_scope": (
            " cho người ngoài phạm vi",
            " for somebody out of scope",
        ),
        "own_record": (
            ": hồ sơ của chính mình do người quản trị khác sửa",
            ": one's own record is changed by another administrator",
        ),
        "own_grant": (": không tự giao cho mình", ": nobody gives it to themselves"),
        "upward": (": vượt quyền được giao", ": it is beyond what they may hand on"),
        "more_power": (
            ": người này giữ vai trò quản trị mà họ không được quyền giao",
            ": this person holds an administrative role that they may not give",
        ),
        "no_role": (": không có vai trò phù hợp", ": they hold no role for it"),
        "province_only": (
            ": việc này thuộc quyền cấp tỉnh",
            ": it is for administrators of the whole province",
        ),
        "not_a_person": (": chỉ người dùng được làm", ": only people may"),
        "no_rule": (": không có quy định cho phép", ": no rule allows it"),
    },
    "key_status": {
        "next": ("chờ dùng", "to be used next"),
        "current": ("đang dùng", "in use"),
        "retired": ("đã thôi dùng", "retired"),
        "revoked": ("đã thu hồi", "revoked"),
    },
    "grant_type": {
        "authorization_code": ("sau khi đăng nhập", "after a sign-in"),
        "refresh_token": ("làm mới", "refreshed"),
        "client_credentials": ("cho chính ứng dụng", "for itself"),
    },
    "token_kind": {
        "code": ("mã ủy quyền", "authorization code"),
        "refresh_token": ("mã làm mới", "refresh token"),
    },
    "auth_method": {
        "none": ("không có, ứng dụng công khai", "none, a public client"),
        "client_secret_basic": ("khóa bí mật trong phần đầu", "secret in the header"),
        "client_secret_post": ("khóa bí mật trong biểu mẫu", "secret in the form"),
        "private_key_jwt": ("chữ ký bằng khóa riêng", "signature of its private key"),
    },
    "access": {
        "everyone": ("mọi người", "everyone"),
        "roles": ("người có vai trò trong ứng dụng", "holders of its roles"),
        "agencies": ("người của các cơ quan được chọn", "people of chosen agencies"),
    },
    "store": {
        "read": ("đọc được", "it could be read"),
        "none": ("không có", "there was none"),
        "unreadable": ("không đọc được", "it could not be read"),
    },
    "outcome": {
        "True": ("đạt", "passed"),
        "False": ("không đạt", "failed"),
    },
    # Steps of a drill, as the minutes name them.
    "step": {
        "Checking the archive": ("kiểm tra bản sao lưu", "checking the archive"),
        "Opening the archive": ("mở bản sao lưu", "opening the archive"),
        "Building the catalogue": ("dựng lại danh mục", "building the catalogue"),
        "Bringing the SQL store up to date": (
            "cập nhật kho SQL",
            "bringing the SQL store up to date",
        ),
        "Starting LDAP": ("khởi động LDAP", "starting LDAP"),
        "Counting": ("đếm bản ghi", "counting"),
        "Ending sessions and tokens": ("kết thúc các phiên", "ending sessions and tokens"),
        "Making settled changes again": ("ghi lại các thay đổi", "making settled changes again"),
        "Keeping withdrawals": ("giữ các việc thu hồi", "keeping withdrawals"),
        "Comparing catalogue and SQL store": (
            "đối chiếu danh mục và kho SQL",
            "comparing catalogue and SQL store",
        ),
        "Comparing once more": ("đối chiếu lại", "comparing once more"),
        "Reading the audit log": ("đọc nhật ký", "reading the audit log"),
        "Asking LDAP for a password": ("thử mật khẩu với LDAP", "asking LDAP for a password"),
        "Signing a person in": ("đăng nhập thử", "signing a person in"),
    },
    "staff_category": {
        "OFFICIAL": ("cán bộ", "official"),
        "CIVIL_SERVANT": ("công chức", "civil servant"),
        "PUBLIC_EMPLOYEE": ("viên chức", "public employee"),
        "CONTRACT": ("người lao động hợp đồng", "contract employee"),
        "NON_SPECIALISED": ("người hoạt động không chuyên trách", "non-specialised worker"),
    },
    "language": {"vi": ("tiếng Việt", "Vietnamese"), "en": ("tiếng Anh", "English")},
    "refusal": {**ERRORS, **WORDS},
    "credential": WORDS,
}
# Their texts come from libraries, or are made for developers: nobody can list them all.
OPEN_VOCABULARIES = ("refusal", "credential", "grant_type")

# What stands for a word that is not in its list.
UNKNOWN: Mapping[str, Pair] = {
    "action": ("thao tác với", "work with"),
    "denial": (": không được phép", ": it is not allowed"),
    "grant_type": ("loại khác", "of another kind"),
    "auth_method": ("cách khác", "another way"),
    "step": ("bước khác", "another step"),
    "token_kind": ("mã", "token"),
    "refusal": ("yêu cầu không hợp lệ", "the request is not valid"),
    "credential": ("thông tin xác thực không hợp lệ", "its credentials are not valid"),
}
ANOTHER: Pair = ("lý do khác", "another reason")
OTHER_VALUE: Pair = ("giá trị khác", "another value")

# Withdrawals that a restore kept, in the order they are told.
WITHDRAWN: Mapping[str, Pair] = {
    "people": ("tài khoản bị khóa", "accounts suspended"),
    "posts": ("vị trí công tác đã kết thúc", "posts ended"),
    "grants": ("vai trò bị thu hồi", "grants revoked"),
    "clients": ("kết nối đã ngừng", "clients disabled"),
    "client_secrets": ("khóa bí mật đã đổi", "secrets rotated"),
    "applications": ("ứng dụng bị thu hẹp", "applications narrowed"),
    "keys": ("khóa ký bị thu hồi", "signing keys revoked"),
}

# Facts of people and agencies: label, and the form of the value.
FACTS: Mapping[str, tuple[Pair, Form]] = {
    "full_name": (("họ và tên", "full name"), "text"),
    "username": (("tên đăng nhập", "user name"), "text"),
    "mail": (("thư công vụ", "work e-mail"), "text"),
    "aliases": (("địa chỉ thư khác", "other addresses"), "text"),
    "phone": (("điện thoại", "phone number"), "text"),
    "title": (("chức vụ", "title"), "text"),
    "staff_no": (("mã cán bộ", "staff number"), "text"),
    "staff_category": (("loại cán bộ", "staff category"), "staff_category"),
    "precedence": (("thứ tự", "precedence"), "text"),
    "language": (("ngôn ngữ", "language"), "language"),
    "status": (("trạng thái", "status"), "status"),
    "agency": (("cơ quan", "agency"), "place"),
    "unit": (("đơn vị", "unit"), "place"),
    "posts_ended": (("kết thúc bố trí", "posts ended"), "text"),
    "name": (("tên", "name"), "text"),
    "short_name": (("tên viết tắt", "short name"), "text"),
    "code": (("mã", "code"), "text"),
    "type": (("loại hình", "type"), "technical"),
    "parent_id": (("trực thuộc", "part of"), "place"),
    "posts": (("bố trí công tác", "posts"), "technical"),
    "codes": (("các mã", "codes"), "technical"),
    "successors": (("cơ quan kế thừa", "successors"), "place"),
    "lock": (("khóa trong máy chủ LDAP", "lock in the LDAP server"), "technical"),
    "mark": (("dấu của lần sửa cuối", "mark of the last change"), "technical"),
    "other": (("mục khác", "something else"), "technical"),
}

# LDAP attributes, in lower case: the fact they hold. Empty: it follows from others.
ATTRIBUTES: Mapping[str, str] = {
    "cn": "full_name",
    "uid": "username",
    "mail": "mail",
    "dmmailaddress": "aliases",
    "telephonenumber": "phone",
    "title": "title",
    "employeenumber": "staff_no",
    "employeetype": "staff_category",
    "dmprecedence": "precedence",
    "preferredlanguage": "language",
    "dmstatus": "status",
    "dmagency": "agency",
    "dmunit": "unit",
    "dmpost": "posts",
    "dmshortname": "short_name",
    "dmcurrentcode": "code",
    "dmcode": "codes",
    "dmtype": "type",
    "dmparent": "parent_id",
    "dmsuccessor": "successors",
    "pwdendtime": "lock",
    "dmintent": "mark",
    "displayname": "",
    "sn": "",
    "givenname": "",
    "dmmiddlename": "",
    "dmsearchkey": "",
    "dmsortkey": "",
    "dmmailstate": "",
    "departmentnumber": "",
    "o": "",
    "dmid": "",
    "objectclass": "",
}

# RFC 7591 members that an administrator may change.
MEMBERS: Mapping[str, Pair] = {
    "application_type": ("loại ứng dụng", "type"),
    "backchannel_logout_session_required": ("cách báo đăng xuất", "sign-out notice"),
    "backchannel_logout_uri": ("địa chỉ báo đăng xuất", "address of the sign-out notice"),
    "client_name": ("tên", "name"),
    "client_uri": ("địa chỉ ứng dụng", "home address"),
    "contacts": ("người liên hệ", "contacts"),
    "default_max_age": ("thời hạn đăng nhập", "longest age of a sign-in"),
    "grant_types": ("loại yêu cầu", "grant types"),
    "id_token_signed_response_alg": ("thuật toán ký", "signing algorithm"),
    "initiate_login_uri": ("địa chỉ bắt đầu đăng nhập", "address that begins a sign-in"),
    "jwks": ("khóa công khai", "public keys"),
    "logo_uri": ("biểu tượng", "logo"),
    "policy_uri": ("chính sách", "policy"),
    "post_logout_redirect_uris": (
        "địa chỉ trả về sau đăng xuất",
        "return addresses after sign-out",
    ),
    "redirect_uris": ("địa chỉ trả về", "return addresses"),
    "require_auth_time": ("yêu cầu giờ đăng nhập", "time of sign-in required"),
    "resources": ("hệ thống đích", "resources"),
    "response_types": ("kiểu trả lời", "response types"),
    "scope": ("phạm vi thông tin", "scope"),
    "strict_assertions": ("yêu cầu chặt khi xác thực", "strict assertions"),
    "subject_type": ("loại mã định danh", "subject type"),
    "token_endpoint_auth_method": ("cách xác thực", "authentication"),
    "token_endpoint_auth_signing_alg": (
        "thuật toán ký khi xác thực",
        "algorithm of its assertions",
    ),
    "tos_uri": ("điều khoản sử dụng", "terms of use"),
}

# Our jobs, as actors.
JOBS: Mapping[str, Pair] = {
    "init": ("Hệ thống (khi khởi tạo)", "The system (while being set up)"),
    "worker": ("Hệ thống", "The system"),
    "audit": ("Hệ thống", "The system"),
    "feed": ("Hệ thống (theo dõi danh mục)", "The system (watching the catalogue)"),
    "restore": ("Hệ thống (khi khôi phục)", "The system (while restoring)"),
    "drill": ("Hệ thống (diễn tập khôi phục)", "The system (a drill)"),
    "migration": ("Hệ thống (khi nâng cấp)", "The system (while upgrading)"),
}
SYSTEM: Pair = ("Hệ thống", "The system")
OPERATOR: Pair = ("Người vận hành máy chủ", "Operator of the server")
SOMEBODY: Pair = ("Một người chưa đăng nhập", "Somebody not signed in")
# Whoever or whatever has no name any more.
NAMELESS: Mapping[str, Pair] = {
    "person": ("một người không còn trong danh mục", "somebody no longer in the catalogue"),
    "agency": ("một cơ quan không còn trong danh mục", "an agency no longer in the catalogue"),
    "client": ("một ứng dụng không còn đăng ký", "an application no longer registered"),
    "position": ("một vị trí việc làm", "a position"),
    "post": ("một bố trí công tác", "a post"),
    "role": ("một vai trò", "a role"),
}
ALL_NETWORKS: Pair = ("nhiều mạng khác nhau", "very many networks")
OTHER_EVENTS: Pair = ("việc khác", "other events")
WHOLE_PROVINCE: Pair = ("toàn tỉnh", "the whole province")
THIS_MACHINE: Pair = ("chính máy chủ", "the server itself")
NO_END: Pair = ("không thời hạn", "without end")
UNTIL: Pair = ("đến hết ngày {day}", "until {day}")
NOTHING: Pair = ("(trống)", "(empty)")
UNTOLD: Pair = (
    "Một sự việc mà phiên bản này chưa có lời kể",
    "Something this version has no words for",
)

# Objects of refused actions: never their names, which the actor was not to learn.
OBJECTS: Mapping[str, Pair] = {
    "person": ("một hồ sơ", "a record"),
    "agency": ("một cơ quan, đơn vị", "an agency or unit"),
    "client": ("một ứng dụng", "an application"),
    "role": ("một vai trò", "a role"),
    "page": ("một trang", "a page"),
    "province": ("toàn tỉnh", "the whole province"),
    "other": ("một mục", "something"),
}
# How objects were written down before they had tags.
OLD_OBJECTS: Mapping[str, str] = {
    "OfPerson(": "person",
    "InPlace(": "agency",
    "OfApplication(": "client",
    "OfGrant(": "role",
    "people.": "page",
    "events.": "page",
}
