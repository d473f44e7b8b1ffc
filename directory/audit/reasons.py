"""The stable words that stand as reasons in events, told to people.

A word without a line here is shown as it is: it is readable English.
"""

from __future__ import annotations

_REASONS = {
    "signed_out": ("đã đăng xuất", "signed out"),
    "other_person": ("người khác đăng nhập trên cùng trình duyệt", "somebody else signed in"),
    "person_not_active": ("tài khoản không còn hoạt động", "the account is not active"),
    "person_suspended": ("tài khoản đang bị khóa", "the account is suspended"),
    "person_left": ("người này đã thôi việc", "the person has left"),
    "person_pending": ("tài khoản chưa kích hoạt", "the account is not active yet"),
    "sessions_ended": ("mọi phiên trước đó bị kết thúc", "all earlier sessions were ended"),
    "wrong_password": ("sai mật khẩu", "wrong password"),
    "changed_meanwhile": (
        "tài khoản vừa được thay đổi trong lúc đăng nhập",
        "the account was changed meanwhile",
    ),
    "locked": ("đang bị tạm khóa", "locked"),
    "ldap.unavailable": ("danh mục không trả lời", "the catalogue did not answer"),
    "signin.busy": ("quá nhiều người đăng nhập cùng lúc", "too many signed in at once"),
    "fault": ("hệ thống gặp sự cố", "a fault of the system"),
    "must_change": ("phải đổi mật khẩu trước", "the password must be changed first"),
    "no_role": ("không có vai trò", "holds no role"),
    "other_agency": ("không thuộc cơ quan được vào", "not of an agency that may enter"),
    "application_disabled": ("ứng dụng đã ngừng", "the application is disabled"),
    "unknown_application": ("ứng dụng không có", "no such application"),
    "out_of_scope": ("ngoài phạm vi", "out of scope"),
    "authorization_code": ("mã ủy quyền", "authorization code"),
    "refresh_token": ("làm mới", "refresh"),
    "client_credentials": ("ứng dụng tự xác thực", "client credentials"),
    "code": ("mã ủy quyền", "authorization code"),
    "ldap.assertion_failed": (
        "dữ liệu đã được người khác thay đổi",
        "somebody else changed it meanwhile",
    ),
    "ldap.value_taken": ("giá trị đã có người dùng", "the value is taken"),
    "everyone": ("mọi người", "everyone"),
    "roles": ("người có vai trò", "holders of its roles"),
    "agencies": ("người của các cơ quan được chọn", "people of chosen agencies"),
}
REASONS_VI = {word: told[0] for word, told in _REASONS.items()}
REASONS_EN = {word: told[1] for word, told in _REASONS.items()}
