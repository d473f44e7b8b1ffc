"""danhmuc break-glass …"""

from __future__ import annotations

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.people import find_person
from admin_ui.cli.terminal import one_line
from admin_ui.components import COMPONENTS
from directory.clock import iso, local
from directory.installation import Installation
from directory.projection.queries import PersonRow
from idp.break_glass import sealing
from idp.break_glass.sealing import Sealed, Shown
from idp.factors.held import factors_of


@click.group("break-glass", cls=JsonGroup)
def break_glass() -> None:
    """The account for when nobody else can get in: its code lies on paper, in two halves.

    Whoever opens it is an operator of the province for an hour, and everybody who keeps the
    province is told at once. It needs the sign-in, SQL and LDAP, and neither mail nor telephone.
    """


@break_glass.command()
@click.argument("username")
@click.option("--holder", required=True, metavar="USER", help="Who keeps the first half.")
@click.option("--second-holder", required=True, metavar="USER", help="Who keeps the second half.")
def create(username: str, holder: str, second_holder: str) -> None:
    """Make an account and seal it. The code is shown this once, each half on a page of its own."""
    installation = open_own_installation()
    first, second = (find_person(installation, each) for each in (holder, second_holder))
    made = sealing.create(installation, operator(), username, first.id, second.id)
    _seal(installation, made)


@break_glass.command()
@click.argument("username")
def seal(username: str) -> None:
    """Seal it anew, after use or a drill: what gave entry before counts no more."""
    installation = open_own_installation()
    _seal(installation, find_person(installation, username))


@break_glass.command("list")
def list_() -> None:
    """List the accounts, who keeps them, and whether they are sealed."""
    found = sealing.list_shown(open_own_installation(), operator())
    rows = [
        (
            _name(each.person),
            " + ".join(_name(holder) for holder in each.holders),
            local(each.account.sealed_at) if each.account.sealed_at else "never",
            _state(each),
        )
        for each in found
    ]
    answer(
        {"accounts": [_document(each) for each in found]},
        lambda: table(rows, ("ACCOUNT", "KEPT BY", "SEALED", "STATE")) if rows else "None.",
    )


def _seal(installation: Installation, person: PersonRow) -> None:
    sealed = sealing.seal(installation, operator(), factors_of(COMPONENTS), person.id)
    answer(
        {
            "id": sealed.account.id,
            "username": sealed.account.username,
            "holders": [each.username for each in sealed.holders],
            "url": sealed.address,
            "halves": list(sealed.halves),
            "expires_at": iso(sealed.expires_at),
        },
        lambda: [_page(sealed, number) for number in (0, 1)],
    )


def _page(sealed: Sealed, number: int) -> str:
    """Half of the code, as it is printed, put into an envelope and signed over the flap."""
    holder, other = sealed.holders[number], sealed.holders[1 - number]
    return f"""\
TÀI KHOẢN KHẨN CẤP / BREAK-GLASS ACCOUNT          {number + 1}/2

  Tài khoản / account:   {sealed.account.username}
  Người giữ / kept by:   {one_line(holder.full_name)}
  Nửa kia / other half:  {one_line(other.full_name)}
  Địa chỉ / address:     {sealed.address}
  Dùng được đến / until: {local(sealed.expires_at)}

  Nửa mã thứ {number + 1} / half {number + 1} of the code:

      {sealed.halves[number]}

  Chỉ mở khi không còn ai vào được trang quản trị. Gõ nửa 1 rồi nửa 2, đặt mật khẩu và
  yếu tố thứ hai. Mở ra là báo động; dùng được một giờ; dùng xong phải niêm phong lại.
  Open it only when nobody else can get in. Type half 1, then half 2, set a password and a
  second factor. Opening it raises the alarm; it is good for an hour; seal it again after.
"""


def _name(person: PersonRow | None) -> str:
    return f"{one_line(person.full_name)} ({person.username})" if person else "gone"


def _state(shown: Shown) -> str:
    if shown.account.opened_at is not None:
        return f"OPENED {local(shown.account.opened_at)}, not sealed again"
    return f"sealed until {local(shown.counts_until)}" if shown.counts_until else "no code counts"


def _document(shown: Shown) -> dict[str, object]:
    account = shown.account
    return {
        "id": account.person_id,
        "username": shown.person.username if shown.person else None,
        "holders": [each.username if each else None for each in shown.holders],
        "sealed_at": iso(account.sealed_at) if account.sealed_at else None,
        "counts_until": iso(shown.counts_until) if shown.counts_until else None,
        "opened_at": iso(account.opened_at) if account.opened_at else None,
        "closed_at": iso(account.closed_at) if account.closed_at else None,
    }
