"""The roles of an application as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from directory.actor import Actor
from directory.audit.sentences import Language
from directory.authz.roles import Narrowing, Role
from directory.errors import Words
from directory.exports.notes import Export, notes_of
from directory.exports.taking import Taking, take
from directory.installation import Installation
from directory.sheets.writing import Column, Listing, Value

_TITLE = Words("Vai trò của {name}", "Roles of {name}")
_NUMBER = Words("STT", "No.")
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


@dataclass(frozen=True)
class _Told:
    role: Role
    holders: int
    language: Language

    def __call__(self, words: Words) -> str:
        return words.filled(self.language, {})


@dataclass(frozen=True)
class _Shown:
    heading: Words
    width: int
    value: Callable[[_Told], Value]


_COLUMNS = (
    _Shown(Words("Mã vai trò", "Key"), 20, lambda one: one.role.name),
    _Shown(Words("Tên vai trò", "Name"), 30, lambda one: one.role.title_vi),
    _Shown(Words("Tên tiếng Anh", "English name"), 30, lambda one: one.role.title_en),
    _Shown(Words("Mô tả", "Description"), 44, lambda one: one.role.description),
    _Shown(Words("Ai được cấp", "Given by"), 26, lambda one: one(_GIVERS[one.role.given_by])),
    _Shown(
        Words("Cần phê duyệt", "Needs approval"),
        14,
        lambda one: one(_YES if one.role.needs_approval else _NO),
    ),
    _Shown(Words("Theo lĩnh vực", "By field"), 14, lambda one: one(_NARROWED[one.role.by_field])),
    _Shown(
        Words("Theo thủ tục", "By procedure"),
        14,
        lambda one: one(_NARROWED[one.role.by_procedure]),
    ),
    _Shown(Words("Thời hạn (ngày)", "Days"), 14, lambda one: one.role.default_days),
    _Shown(
        Words("Không cấp cùng", "Not together with"), 26, lambda one: ", ".join(one.role.excludes)
    ),
    _Shown(Words("Số người có", "Holders"), 12, lambda one: one.holders),
    _Shown(
        Words("Trạng thái", "State"),
        14,
        lambda one: one(_STATES[one.role.retired_at is not None]),
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
    taking = Taking(
        "roles",
        export.form,
        export.reason,
        address=export.address,
        columns=", ".join(shown.heading.vi for shown in _COLUMNS),
        filter=application,
    )
    take(installation, actor, taking, len(roles))
    told = [_Told(role, holders.get(role.name, 0), export.language) for role in roles]
    return Listing(
        title=_TITLE.filled(export.language, {"name": application}),
        notes=notes_of(export, len(roles), ""),
        columns=[
            Column(_NUMBER.filled(export.language, {}), 6),
            *(Column(shown.heading.filled(export.language, {}), shown.width) for shown in _COLUMNS),
        ],
        rows=(
            (number, *(shown.value(one) for shown in _COLUMNS))
            for number, one in enumerate(told, 1)
        ),
        count=len(roles),
    )
