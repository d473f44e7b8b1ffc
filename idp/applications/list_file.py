"""The list of applications as a file: what the page shows, with how to reach whoever keeps each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from directory.actor import Actor
from directory.audit.sentences import Language
from directory.authz.applications import Access, Sharing
from directory.errors import Words
from directory.exports.notes import Export, notes_of
from directory.exports.taking import Taking, take
from directory.installation import Installation
from directory.sheets.writing import Column, Listing, Value
from idp.applications.kinds import Kind
from idp.applications.listing import ApplicationQuestion, ListedApplication

_TITLE = Words("Danh sách ứng dụng", "Applications")
_NUMBER = Words("STT", "No.")
_PROVINCE = Words("Tỉnh", "The province")
_SHARING: Mapping[Sharing, Words] = {
    "internal": Words("Nội bộ", "Internal"),
    "shared": Words("Dùng chung", "Shared"),
}
_ACCESS: Mapping[Access, Words] = {
    "everyone": Words("Mọi người trong tỉnh", "Everyone in the province"),
    "roles": Words("Người có vai trò trong ứng dụng", "Holders of its roles"),
    "agencies": Words("{names}", "{names}"),
}
_KINDS: Mapping[Kind, Words] = {
    "web": Words("Web", "Web"),
    "browser": Words("Trình duyệt", "Browser"),
    "native": Words("Cài đặt", "Installed"),
    "service": Words("Dịch vụ", "Service"),
    "ldap": Words("LDAP", "LDAP"),
}
_STATES = {
    True: Words("Đã ngừng", "Disabled"),
    False: Words("Đang dùng", "In use"),
}


@dataclass(frozen=True)
class _Shown:
    heading: Words
    width: int
    value: Callable[[ListedApplication, Language], str]


def _owner(listed: ListedApplication, language: Language) -> str:
    return listed.owner or _PROVINCE.filled(language, {})


def _entry(listed: ListedApplication, language: Language) -> str:
    return _ACCESS[listed.app.access].filled(language, {"names": "; ".join(listed.opened)})


_COLUMNS = (
    _Shown(Words("Ứng dụng", "Application"), 30, lambda listed, _: listed.app.name),
    _Shown(Words("Mô tả", "Description"), 40, lambda listed, _: listed.app.description),
    _Shown(Words("Đơn vị chủ quản", "Owner"), 34, _owner),
    _Shown(
        Words("Sử dụng", "Use"), 12, lambda one, lang: _SHARING[one.app.sharing].filled(lang, {})
    ),
    _Shown(Words("Ai được vào", "Who may enter"), 40, _entry),
    _Shown(Words("Loại", "Kind"), 12, lambda one, lang: _KINDS[one.kind].filled(lang, {})),
    _Shown(
        Words("Trạng thái", "State"),
        12,
        lambda one, lang: _STATES[bool(one.app.disabled_at)].filled(lang, {}),
    ),
    _Shown(Words("Liên hệ", "Contact"), 30, lambda listed, _: listed.app.contact or ""),
    _Shown(Words("Địa chỉ mở", "Start address"), 40, lambda listed, _: listed.app.start_url or ""),
)
_FILTERED: Mapping[str, Words] = {
    "text": Words("“{value}”", "“{value}”"),
    "owner": Words("đơn vị chủ quản {value}", "owner {value}"),
    "kind": Words("loại {value}", "kind {value}"),
    "state": Words("trạng thái {value}", "state {value}"),
}


def taken_away(
    installation: Installation,
    actor: Actor,
    asked: ApplicationQuestion,
    export: Export,
    listed: Sequence[ListedApplication],
    owner: tuple[str, str],
) -> Listing:
    """The file of these applications, noted. `owner`: of the agency asked for, its id where the log
    is to tell it there, and its name. Raises as `directory.exports.taking.take`."""
    place, name = owner
    told = _filter(asked, name, export.language)
    take(
        installation,
        actor,
        Taking(
            "applications",
            export.form,
            export.reason,
            address=export.address,
            columns=", ".join(shown.heading.vi for shown in _COLUMNS),
            filter=told,
            place=place,
        ),
        len(listed),
    )
    return Listing(
        title=_TITLE.filled(export.language, {}),
        notes=notes_of(export, len(listed), told),
        columns=[
            Column(_NUMBER.filled(export.language, {}), 6),
            *(Column(shown.heading.filled(export.language, {}), shown.width) for shown in _COLUMNS),
        ],
        rows=_rows(listed, export.language),
        count=len(listed),
    )


def _rows(listed: Sequence[ListedApplication], language: Language) -> Iterator[Sequence[Value]]:
    for number, one in enumerate(listed, 1):
        yield (number, *(shown.value(one, language) for shown in _COLUMNS))


def _filter(asked: ApplicationQuestion, owner: str, language: Language) -> str:
    values = {
        "text": asked.text,
        "owner": owner,
        "kind": _KINDS[asked.kind].filled(language, {}) if asked.kind else "",
        "state": _STATES[asked.state == "disabled"].filled(language, {}) if asked.state else "",
    }
    return "; ".join(
        words.filled(language, {"value": values[name]})
        for name, words in _FILTERED.items()
        if values[name]
    )
