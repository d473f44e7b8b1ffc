"""The roles of an application as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from directory.actor import Actor
from directory.authz.roles import Narrowing, Role
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.sheets.writing import Listing

_TITLE = Words("Vai trò của {name}", "Roles of {name}")
_YES, _NO = Words("Có", "Yes"), Words("Không", "No")
_NARROWED: Mapping[Narrowing, Words] = {
    "": _NO,
    "may": Words("Có thể", "May be"),
    "must": Words("Bắt buộc", "Must be"),
}
_GIVERS: Mapping[str, Words] = {
    "": Words("Từng cơ quan", "Each agency"),
    "agency": Words("Từng cơ quan", "Each agency"),
    "owner": Words("Đơn vị chủ quản ứng dụng", "The owner of the application"),
    "province": Words("Tỉnh", "The province"),
    "operators": Words("Hai người vận hành cấp tỉnh", "Two of the province"),
    "operator": Words("Lệnh trên máy chủ", "Command line"),
}
_STATES = {True: Words("Đã ngừng cấp", "Retired"), False: Words("Đang cấp", "Given")}


_Line = tuple[Role, int]
"""A role, and how many people hold it."""
_FILE = ListFile[_Line](
    "roles",
    _TITLE,
    (
        Shown(Words("Mã vai trò", "Key"), 20, lambda one: one[0].name),
        Shown(Words("Tên vai trò", "Name"), 30, lambda one: one[0].title_vi),
        Shown(Words("Tên tiếng Anh", "English name"), 30, lambda one: one[0].title_en),
        Shown(Words("Mô tả", "Description"), 44, lambda one: one[0].description),
        Shown(Words("Ai được cấp", "Given by"), 26, lambda one: _GIVERS[one[0].given_by]),
        Shown(
            Words("Cần phê duyệt", "Needs approval"),
            14,
            lambda one: _YES if one[0].needs_approval else _NO,
        ),
        Shown(Words("Theo lĩnh vực", "By field"), 14, lambda one: _NARROWED[one[0].by_field]),
        Shown(
            Words("Theo thủ tục", "By procedure"), 14, lambda one: _NARROWED[one[0].by_procedure]
        ),
        Shown(Words("Thời hạn (ngày)", "Days"), 14, lambda one: one[0].default_days),
        Shown(
            Words("Không cấp cùng", "Not together with"), 26, lambda one: ", ".join(one[0].excludes)
        ),
        Shown(Words("Số người có", "Holders"), 12, lambda one: one[1]),
        Shown(Words("Trạng thái", "State"), 14, lambda one: _STATES[one[0].retired_at is not None]),
    ),
)


def taken_away(
    installation: Installation,
    actor: Actor,
    application: str,
    roles: Sequence[Role],
    holders: Mapping[str, int],
    export: Export,
) -> Listing:
    """The file of the roles of an application, which is named, noted. Raises as
    `directory.exports.taking.take`."""
    each = [(role, holders.get(role.name, 0)) for role in roles]
    lines = Lines(each, len(each), application)
    return _FILE.take(installation, actor, export, lines, told="", of=application)
