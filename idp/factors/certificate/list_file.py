"""Those lists as files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from directory.actor import Actor
from directory.authz.scopes import Scope
from directory.clock import day_of
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.projection.queries import AgencyRow
from directory.sheets.writing import Listing
from idp.factors.certificate.listing import ListedCertificate, Which, count, list_some

_AT_ONCE = 500
_MOST = 1_000_000


def _left(one: ListedCertificate) -> str:
    return _day(one.ended_at) if one.ended_at else ""


def _day(at: int) -> str:
    return f"{day_of(at):%d/%m/%Y}"


_COMMON = (
    Shown[ListedCertificate](Words("Họ và tên", "Full name"), 28, lambda one: one.person.full_name),
    Shown[ListedCertificate](
        Words("Tên đăng nhập", "User name"), 22, lambda one: one.person.username
    ),
    Shown[ListedCertificate](Words("Đơn vị", "Unit"), 28, lambda one: one.person.unit),
    Shown[ListedCertificate](Words("Cơ quan", "Agency"), 34, lambda one: one.person.agency),
    Shown[ListedCertificate](Words("Chứng thư của", "Certificate of"), 28, lambda one: one.subject),
    Shown[ListedCertificate](Words("Nơi cấp", "Issued by"), 34, lambda one: one.issuer),
    Shown[ListedCertificate](Words("Số chứng thư", "Number"), 30, lambda one: one.serial),
    Shown[ListedCertificate](Words("Hết hạn", "Ends"), 14, lambda one: _day(one.not_after)),
)
_FILES: Mapping[Which, ListFile[ListedCertificate]] = {
    "ending": ListFile[ListedCertificate](
        "certificates_ending",
        Words("Chứng thư số sắp hết hạn", "Certificates that end soon"),
        _COMMON,
    ),
    "hand_back": ListFile[ListedCertificate](
        "certificates_hand_back",
        Words("Thiết bị lưu khóa chờ thu hồi", "Key devices to be handed back"),
        (
            *_COMMON,
            Shown(Words("Nghỉ từ", "Left"), 14, _left),
        ),
    ),
}


def taken_away(
    installation: Installation,
    actor: Actor,
    export: Export,
    scope: Scope,
    place: AgencyRow | None,
    which: Which,
) -> Listing:
    """The file of those of the scope, noted. Raises as `directory.exports.taking.take`."""
    with installation.database.read() as tx:
        total = count(tx, scope, which, _MOST)
    lines = Lines(_read(installation, scope, which, total), total, place=place.id if place else "")
    told = place.name if place else ""
    return _FILES[which].take(installation, actor, export, lines, told=told)


def _read(
    installation: Installation, scope: Scope, which: Which, total: int
) -> Iterator[ListedCertificate]:
    for first in range(0, total, _AT_ONCE):
        with installation.database.read() as tx:
            yield from list_some(tx, scope, which, min(_AT_ONCE, total - first), first)
