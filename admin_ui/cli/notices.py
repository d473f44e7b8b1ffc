"""danhmuc notice …"""

from __future__ import annotations

from typing import Any, cast

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.components import VOCABULARY
from directory.clock import find_instant, iso, local, now_ms
from directory.errors import Invalid
from directory.installation import Installation
from directory.notices.errors import NOTICE_TIME
from directory.notices.handles import NoticesFor, ShownNotice
from directory.notices.terms import KINDS, PLACES, NoticeKind, Terms

_MOMENT = "As 2026-11-28 20:00, in Vietnam."
_MOST_ENDED = 100
_PLACES = {name.replace("_", "-"): name for name in PLACES}
_KINDS = {name.replace("_", "-"): name for name in KINDS}


@click.group(cls=JsonGroup)
def notice() -> None:
    """What the sign-in page, the console and "My applications" tell everybody."""


@notice.command("set")
@click.option("--text", required=True, help="In Vietnamese.")
@click.option("--text-en", default="", help="In English; without it the Vietnamese text is shown.")
@click.option("--kind", type=click.Choice([*_KINDS]), default="information", show_default=True)
@click.option(
    "--at", "places", type=click.Choice([*_PLACES]), multiple=True, help="Without it: everywhere."
)
@click.option("--from", "work_from", default="", metavar="TIME", help=f"It begins. {_MOMENT}")
@click.option("--until", "work_until", default="", metavar="TIME", help="It ends.")
@click.option("--shown-from", default="", metavar="TIME", help="Without it: from now on.")
@click.option(
    "--shown-until", default="", metavar="TIME", help="Without it: until --until or `clear`."
)
@click.option("--change", "changed", default="", metavar="ID", help="Change this notice to that.")
def set_(
    text: str,
    text_en: str,
    kind: str,
    places: tuple[str, ...],
    work_from: str,
    work_until: str,
    shown_from: str,
    shown_until: str,
    changed: str,
) -> None:
    """Put up a notice, or change one. Kinds maintenance and read-only tell --from and --until;
    neither stops anything by itself."""
    register = _register(open_own_installation())
    terms = Terms(
        kind=cast(NoticeKind, _KINDS[kind]),
        text_vi=text,
        text_en=text_en,
        places=tuple(_PLACES[each] for each in places) or tuple(PLACES),
        shown_from=_instant("shown-from", shown_from) or now_ms(),
        shown_until=_instant("shown-until", shown_until),
        work_from=_instant("from", work_from),
        work_until=_instant("until", work_until),
    )
    if changed:
        before = register.show(changed).notice
        done = register.change(changed, terms, before.version)
        answer({"id": done.id, "version": done.version, "new": False}, "Changed.")
        return
    done, is_new = register.put_up(terms)
    answer(
        {"id": done.id, "version": done.version, "new": is_new},
        f"Put up, id {done.id}."
        if is_new
        else f"It says so already, id {done.id}; nothing was changed.",
    )


@notice.command()
@click.argument("notice_id", metavar="ID", required=False)
@click.option("--all", "every", is_flag=True, help="Every notice that is shown or will be.")
def clear(notice_id: str | None, every: bool) -> None:
    """Take a notice down."""
    if every == bool(notice_id):
        raise click.UsageError("Name one notice, or --all.")
    register = _register(open_own_installation())
    ids = [each.notice.id for each in register.standing()] if every else [notice_id or ""]
    for each in ids:
        register.take_down(each)
    text = "1 notice was taken down." if len(ids) == 1 else f"{len(ids)} notices were taken down."
    answer({"cleared": len(ids)}, text if ids else "No notice was up; nothing was changed.")


@notice.command()
@click.option("--ended", is_flag=True, help="Those that nobody sees any more.")
def show(ended: bool) -> None:
    """Show what is told now, and what will be."""
    register = _register(open_own_installation())
    found = register.ended(1, _MOST_ENDED).notices if ended else register.standing()
    rows = [
        (
            one.notice.id,
            KINDS[one.notice.terms.kind].en,
            one.notice.terms.text_vi,
            local(one.notice.terms.shown_from),
            local(one.notice.terms.shown_until) if one.notice.terms.shown_until else "",
            one.put_up_by.en,
        )
        for one in found
    ]
    answer(
        {"notices": [_document(one) for one in found]},
        lambda: table(rows, ("ID", "KIND", "TEXT", "FROM", "UNTIL", "PUT UP BY")),
    )


def _register(installation: Installation) -> NoticesFor:
    return NoticesFor(installation, operator(), VOCABULARY)


def _instant(option: str, typed: str) -> int | None:
    found = find_instant(typed.strip().replace(" ", "T"))
    if typed and found is None:
        raise Invalid(NOTICE_TIME, field=option)
    return found


def _document(shown: ShownNotice) -> dict[str, Any]:
    one = shown.notice
    terms = one.terms
    return {
        "id": one.id,
        "version": one.version,
        "kind": terms.kind,
        "text": terms.text_vi,
        "text_en": terms.text_en,
        "span": terms.span.vi if terms.span else None,
        "at": list(terms.places),
        "work_from": _iso(terms.work_from),
        "work_until": _iso(terms.work_until),
        "shown_from": iso(terms.shown_from),
        "shown_until": _iso(terms.shown_until),
        "put_up_by": one.put_up_by,
        "put_up_by_name": shown.put_up_by.vi,
        "put_up_at": iso(one.put_up_at),
        "changed_at": _iso(one.changed_at),
        "changed_by": one.changed_by,
        "changed_by_name": shown.changed_by.vi,
        "taken_down_at": _iso(one.taken_down_at),
        "taken_down_by": one.taken_down_by,
        "taken_down_by_name": shown.taken_down_by.vi,
    }


def _iso(instant: int | None) -> str | None:
    return None if instant is None else iso(instant)
