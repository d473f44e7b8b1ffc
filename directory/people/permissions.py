"""What may be done to people."""

from __future__ import annotations

from directory.authz.permissions import (
    OPERATORS,
    READERS,
    SECURITY_OFFICER,
    STAFF,
    SUPPORT,
    Permission,
)


class PeoplePermission(Permission):
    ADD_ADMINISTRATOR = (
        "people:add-administrator",
        ("thêm tài khoản quản trị ở", "add an administration account in"),
        OPERATORS,
    )
    READ = "people:read", ("xem", "look at"), READERS, "sees"
    WRITE = "people:write", ("sửa", "change"), STAFF
    SUSPEND = (
        "people:suspend",
        ("khóa hoặc mở khóa", "suspend or resume"),
        STAFF | {SECURITY_OFFICER},
    )
    RETIRE = "people:retire", ("cho thôi sử dụng", "retire"), STAFF
    SET_PASSWORD = (
        "people:set-password",
        ("đặt mật khẩu cho", "set the password of"),
        SUPPORT,
    )
    UNLOCK = (
        "people:unlock",
        ("gỡ tạm dừng đăng nhập cho", "end the pause of"),
        SUPPORT | {SECURITY_OFFICER},
    )
