"""The kinds of audit events of `directory.intents`."""

from __future__ import annotations

from directory.audit.kinds import Kind, Words

# Why a change was not written: codes of errors.
_REFUSALS = Words(
    {
        "change.in_progress": ("người khác đang cập nhật", "somebody else was just changing it"),
        "catalogue.changed_meanwhile": (
            "dữ liệu đã được người khác thay đổi",
            "somebody else changed it meanwhile",
        ),
        "person.username.taken": ("tên đăng nhập đã có người dùng", "the user name is taken"),
        "person.mail.taken": ("địa chỉ thư đã có người dùng", "the address is taken"),
        "person.staff_no.taken": ("mã cán bộ đã có người dùng", "the staff number is taken"),
        "agency.code.taken": ("mã cơ quan đã có cơ quan khác dùng", "the code is taken"),
        "position.closed": (
            "vị trí việc làm đã đóng",
            "the position is closed",
        ),
        "password.not_settled": ("không rõ kết quả", "the outcome is not known"),
        "ldap.unavailable": ("danh mục không trả lời", "the catalogue did not answer"),
        "ldap.assertion_failed": (
            "dữ liệu đã được người khác thay đổi",
            "somebody else changed it meanwhile",
        ),
        "ldap.value_taken": ("giá trị đã có người dùng", "the value is taken"),
        "ldap.already_exists": ("bản ghi đã có", "the entry is there already"),
        "ldap.constraint": (
            "máy chủ LDAP không nhận giá trị này",
            "the LDAP server refused a value",
        ),
        "ldap.forbidden": ("máy chủ LDAP không cho phép", "the LDAP server did not allow it"),
        "ldap.no_such_entry": ("bản ghi không còn", "the entry is gone"),
        "ldap.no_such_value": ("giá trị cũ không còn", "the old value is gone"),
        "ldap.refused": ("máy chủ LDAP từ chối", "the LDAP server refused"),
        "ldap.too_many_entries": ("có quá nhiều bản ghi", "there are too many entries"),
        "ldap.value_exists": ("giá trị đã có", "the value is there already"),
    },
)


CHANGE_DONE = Kind(
    "change.done",
    {"intent": "technical", "entry_csn": "technical", "recovered": "flag"},
    vi="Thay đổi đối với {subject} đã được ghi vào danh mục",
    en="The change of {subject} was written to the catalogue",
    groups=("people",),
)

CHANGE_REFUSED = Kind(
    "change.refused",
    {"intent": "technical", "reason": _REFUSALS},
    vi="Thay đổi đối với {subject} không được ghi: {reason}",
    en="The change of {subject} was not written: {reason}",
    groups=("people",),
    is_refusal=True,
)

KINDS = (
    CHANGE_DONE,
    CHANGE_REFUSED,
)
