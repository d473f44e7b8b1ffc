"""The register of what applications learn of people: a line for each attribute of each application,
on a page and as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz.naming import name_tags
from directory.clock import local
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.release.attributes import ATTRIBUTES
from directory.release.register import list_releases
from directory.sheets.writing import Listing
from idp.applications.listing import ApplicationPage, ApplicationQuestion, ListedApplication

_TITLE = Words("Sổ thông tin cung cấp cho ứng dụng", "Register of what applications learn")
_PROVINCE = Words("Tỉnh", "The province")
_NOTHING = Words("không có gì ngoài mã định danh", "nothing but an identifier")
_SYSTEM = Words("Người vận hành hệ thống", "The operator of the system")


@dataclass(frozen=True)
class ReleaseLine:
    """One attribute that an application learns; `label` of none where it learns nothing.
    `decided_by`: who approved the version that counts, `decided_at` (ms): when; 0 where nobody
    ever has."""

    application_id: str
    application: str
    owner: str
    label: Words
    purpose: str
    basis: str
    decided_by: Words
    decided_at: int


@dataclass(frozen=True)
class ReleasePage:
    """A page of applications, and the lines of those on it."""

    page: ApplicationPage
    lines: Sequence[ReleaseLine]


def released_lines(tx: Connection, listed: Sequence[ListedApplication]) -> Sequence[ReleaseLine]:
    """What these applications learn now; of each at least one line."""
    found = list_releases(tx)
    names = name_tags(tx, {each.decided_by for each in found.values()})
    lines = []
    for one in listed:
        release = found.get(one.app.id)
        attributes = release.attributes if release is not None else {}
        who = names.get(release.decided_by, "") if release is not None else ""
        by = Words(who, who) if who else (_SYSTEM if release is not None else Words("", ""))
        at = release.decided_at if release is not None else 0
        about = (one.app.id, one.app.name, one.owner)
        lines += [
            ReleaseLine(*about, ATTRIBUTES[name].label, grounds.purpose, grounds.basis, by, at)
            for name, grounds in attributes.items()
            if name in ATTRIBUTES
        ] or [ReleaseLine(*about, _NOTHING, "", "", by, at)]
    return lines


_FILE = ListFile[ReleaseLine](
    "releases",
    _TITLE,
    (
        Shown(Words("Ứng dụng", "Application"), 30, lambda line: line.application),
        Shown(Words("Đơn vị chủ quản", "Owner"), 34, lambda line: line.owner or _PROVINCE),
        Shown(Words("Thông tin", "Data"), 24, lambda line: line.label),
        Shown(Words("Mục đích", "Purpose"), 40, lambda line: line.purpose),
        Shown(Words("Căn cứ", "Legal basis"), 50, lambda line: line.basis),
        Shown(Words("Người duyệt", "Approved by"), 28, lambda line: line.decided_by),
        Shown(
            Words("Ngày duyệt", "Approved on"),
            12,
            lambda line: local(line.decided_at).split(" ")[0] if line.decided_at else "",
        ),
    ),
)


def register_taken_away(
    installation: Installation,
    actor: Actor,
    asked: ApplicationQuestion,
    export: Export,
    lines: Sequence[ReleaseLine],
) -> Listing:
    """The file of these lines, noted. Raises as `directory.exports.taking.take`."""
    told = f"“{asked.text}”" if asked.text else ""
    return _FILE.take(installation, actor, export, Lines(lines, len(lines), told))
