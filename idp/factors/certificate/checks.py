"""What `danhmuc doctor` and the page Today look at; the forms say `directory.component`."""

from __future__ import annotations

from collections.abc import Sequence

from directory import clock
from directory.component import Expiry, NotWell
from directory.errors import Words
from directory.installation import Installation
from idp.factors.certificate import authorities
from idp.factors.certificate.authorities import Authority


def lists_are_current(installation: Installation) -> str:
    """Without a list of what is revoked nobody gets in by certificate."""
    if not installation.settings.certificate_url:
        return "certificates are off"
    known = _known(installation)
    if not known:
        raise NotWell(
            "no certificate authority is trusted, so no certificate counts: `danhmuc certificate "
            "trust` adds one"
        )
    if silent := [each for each in known if not each.has_current_list]:
        told = ", ".join(f"{each.subject} ({each.crl_problem or 'no list'})" for each in silent)
        raise NotWell(
            f"no current revocation list of {told}: nobody gets in with their certificates. See "
            "that this server reaches the address, or use `danhmuc certificate load-list`"
        )
    return f"{len(known)} authorities, their revocation lists are current"


def expiries(installation: Installation) -> Sequence[Expiry]:
    """The authorities, and the lists that should have been followed by others."""
    if not installation.settings.certificate_url:
        return []
    known = _known(installation)
    return [*map(_authority, known), *(_list(each) for each in known if not each.has_current_list)]


def _authority(authority: Authority) -> Expiry:
    return Expiry(
        Words(
            f"Cơ quan chứng thực của chứng thư số: {authority.subject}",
            f"Certificate authority of people's certificates: {authority.subject}",
        ),
        authority.not_after,
        Words(
            "Thêm chứng thư mới của cơ quan này bằng `danhmuc certificate trust`.",
            "Add its new certificate with `danhmuc certificate trust`.",
        ),
    )


def _list(authority: Authority) -> Expiry:
    return Expiry(
        Words(
            f"Danh sách thu hồi của {authority.subject}: chưa nhận chứng thư số nào",
            f"Revocation list of {authority.subject}: no certificate is accepted",
        ),
        min(authority.crl_next_update or authority.added_at, clock.now_ms()),
        Words(
            "Kiểm tra đường mạng tới địa chỉ danh sách thu hồi, hoặc nạp tệp bằng `danhmuc "
            "certificate load-list`.",
            "Look at the way to the address of the list, or take a file with `danhmuc certificate "
            "load-list`.",
        ),
    )


def _known(installation: Installation) -> list[Authority]:
    with installation.database.read() as tx:
        return authorities.list_all(tx)
