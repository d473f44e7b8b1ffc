"""The list of applications as a file: what the page shows, with how to reach whoever keeps each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from directory.actor import Actor
from directory.audit.sentences import Language
from directory.authz.applications import Access, Application, Sharing
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.sheets.writing import Listing
from idp.applications.kinds import Kind
from idp.applications.listing import ApplicationQuestion, ListedApplication

_TITLE = Words("Danh sách ứng dụng", "Applications")
_PROVINCE = Words("Tỉnh", "The province")
_SHARING: Mapping[Sharing, Words] = {
    "internal": Words("Nội bộ", "Internal"),
    "shared": Words("Dùng chung", "Shared"),
}
_ACCESS: Mapping[Access, Words] = {
    "everyone": Words("Mọi người trong tỉnh", "Everyone in the province"),
    "roles": Words("Người có vai trò trong ứng dụng", "Holders of its roles"),
}
_KINDS: Mapping[Kind, Words] = {
    "web": Words("Web", "Web"),
    "browser": Words("Trình duyệt", "Browser"),
    "native": Words("Cài đặt", "Installed"),
    "service": Words("Dịch vụ", "Service"),
    "ldap": Words("LDAP", "LDAP"),
}


def _entry(listed: ListedApplication) -> str | Words:
    return _ACCESS.get(listed.app.access) or "; ".join(listed.opened)


_STATES = {
    "enabled": Words("Đang dùng", "In use"),
    "disabled": Words("Đã ngừng", "Disabled"),
    "removed": Words("Đã xóa hẳn", "Removed"),
}


def _kind(listed: ListedApplication) -> Words | str:
    # Of a connection that was removed nobody knows any more what it was.
    return "" if listed.app.removed_at is not None else _KINDS[listed.kind]


def _state(app: Application) -> Words:
    if app.removed_at is not None:
        return _STATES["removed"]
    return _STATES["disabled" if app.disabled_at else "enabled"]


_FILE = ListFile[ListedApplication](
    "applications",
    _TITLE,
    (
        Shown(Words("Ứng dụng", "Application"), 30, lambda listed: listed.app.name),
        Shown(Words("Mô tả", "Description"), 40, lambda listed: listed.app.description),
        Shown(Words("Đơn vị chủ quản", "Owner"), 34, lambda listed: listed.owner or _PROVINCE),
        Shown(Words("Sử dụng", "Use"), 12, lambda listed: _SHARING[listed.app.sharing]),
        Shown(Words("Ai được vào", "Who may enter"), 40, _entry),
        Shown(Words("Loại", "Kind"), 12, _kind),
        Shown(Words("Trạng thái", "State"), 12, lambda listed: _state(listed.app)),
        Shown(Words("Liên hệ", "Contact"), 30, lambda listed: listed.app.contact or ""),
        Shown(Words("Địa chỉ mở", "Start address"), 40, lambda listed: listed.app.start_url or ""),
    ),
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
    return _FILE.take(installation, actor, export, Lines(listed, len(listed), told, place))


def _filter(asked: ApplicationQuestion, owner: str, language: Language) -> str:
    values = {
        "text": asked.text,
        "owner": owner,
        "kind": _KINDS[asked.kind].filled(language, {}) if asked.kind else "",
        "state": _STATES[asked.state].filled(language, {}) if asked.state else "",
    }
    return "; ".join(
        words.filled(language, {"value": values[name]})
        for name, words in _FILTERED.items()
        if values[name]
    )
