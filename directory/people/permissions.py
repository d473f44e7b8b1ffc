"""What may be done to people."""

from __future__ import annotations

from directory.authz.permissions import ADMINISTRATORS, READERS, STAFF, Permission


class PeoplePermission(Permission):
    READ = "people:read", ("xem", "look at"), READERS, "sees"
    WRITE = "people:write", ("sửa", "change"), STAFF
    SUSPEND = "people:suspend", ("khóa hoặc mở khóa", "suspend or resume"), STAFF
    RETIRE = "people:retire", ("cho thôi sử dụng", "retire"), STAFF
    SET_PASSWORD = (
        "people:set-password",
        ("đặt mật khẩu cho", "set the password of"),
        ADMINISTRATORS,
    )
    UNLOCK = "people:unlock", ("gỡ tạm dừng đăng nhập cho", "end the pause of"), ADMINISTRATORS
