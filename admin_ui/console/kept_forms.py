"""What was typed into a form that could not be saved, until the page is shown once more.

An answer to a POST that is a page makes the browser ask "send the form again?" whenever somebody
goes back over it. So a form with faults is kept here, and the browser is sent to its page (303, RFC
9110 section 15.4.4), which shows what was typed and what is wrong with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import redirect, request
from sqlalchemy import Connection, delete, insert, or_, select, update
from werkzeug.wrappers import Response

from admin_ui.console.tables import KEPT_FORM, KEPT_FORM_MS, console_kept_form
from admin_ui.console.visitor import current_visitor
from directory import clock
from directory.errors import AppError
from directory.ids import digest, new_secret
from directory.sealed import KeyRing, SealBroken
from web.current import current_installation
from web.error_pages import advice, sentence
from web.forms import ChangeForm

MOST_PER_SESSION = 10
_PARAMETER = "nhap"


@dataclass(frozen=True)
class KeptForm:
    """A form as it was sent. `typed`, `seen`: values by field; `errors`: [{field, message}];
    `changed`: what somebody else made of fields meanwhile, [{field, seen, now, typed}]."""

    typed: Mapping[str, str]
    seen: Mapping[str, str]
    errors: list[dict[str, str]] = field(default_factory=list)
    changed: list[dict[str, str]] = field(default_factory=list)


def show_again(path: str, form: KeptForm) -> Response:
    """Keep the form and send the browser to its page at `path`. It says why, in words."""
    if not any(error["message"] for error in form.errors) and not form.changed:
        raise ValueError("a form is never shown again without a sentence")
    return go_on(path, form)


def show_refused(path: str, form: ChangeForm, *errors: AppError) -> Response:
    """Show a form once more with what is wrong with it: what its fields found, and these."""
    for error in errors:
        form.refuse(str(error.params.get("field", "")), told(error))
    return show_again(path, KeptForm(form.typed, form.seen, form.faults))


def told(error: AppError) -> str:
    """What happened and what to do, in the language of this page."""
    return " ".join(filter(None, (sentence(error), advice(error))))


def made_meanwhile(form: ChangeForm, now: Mapping[str, str]) -> dict[str, str]:
    """What somebody else made of fields since the form was opened: those of `now` that were not
    seen so."""
    return {name: now[name] for name in form.seen if name in now and now[name] != form.seen[name]}


def show_changed_meanwhile(path: str, form: ChangeForm, made: Mapping[str, str]) -> Response:
    """Somebody else was first: show what they made of it, keep what was typed, ask once more."""
    # A field that was not touched follows; one that was waits for a decision.
    typed = {
        name: made.get(name, value) if value == form.seen[name] else value
        for name, value in form.typed.items()
    }
    changed = [
        {"field": name, "seen": form.seen[name], "now": value, "typed": form.typed[name]}
        for name, value in made.items()
    ]
    return show_again(path, KeptForm(typed, {**form.seen, **made}, changed=changed))


def go_on(path: str, form: KeptForm) -> Response:
    """Keep the form for the page at `path`, which goes on with it."""
    kept, joint = _kept(path.partition("?")[0], form), "&" if "?" in path else "?"
    return redirect(f"{path}{joint}{urlencode({_PARAMETER: kept})}", 303)


def _kept(path: str, form: KeptForm) -> str:
    installation, session = current_installation(), current_visitor().session
    with installation.database.write() as tx:
        return _keep(tx, installation.keyring, session.cookie_hash, path, form)


def show_once(path: str, values: Mapping[str, str]) -> Response:
    """Send the browser to the page at `path`, which shows `values` (a new secret) and nobody after
    it."""
    return go_on(path, KeptForm(values, {}))


def take_shown_once() -> Mapping[str, str] | None:
    """What `show_once` left for this page and this session, which is forgotten with it."""
    kept = take_kept()
    return kept.typed if kept else None


def take_kept() -> KeptForm | None:
    """As `find_kept`, for whoever comes first: it is forgotten with it."""
    kept = find_kept()
    if kept is None:
        return None
    name = request.args.get(_PARAMETER, "")
    with current_installation().database.write() as tx:
        mine = delete(console_kept_form).where(console_kept_form.c.id_hash == digest(name))
        return kept if tx.execute(mine).rowcount == 1 else None


def find_kept() -> KeptForm | None:
    """The form this address asks for, when it was kept for this page and this session."""
    name = request.args.get(_PARAMETER, "")
    if not name:
        return None
    installation, session = current_installation(), current_visitor().session
    columns, now = console_kept_form.c, clock.now_ms()
    query = select(columns.body).where(
        columns.id_hash == digest(name),
        columns.cookie_hash == session.cookie_hash,
        # No longer than that, also when a clock that stood ahead wrote it.
        columns.expires_at.between(now + 1, now + KEPT_FORM_MS + clock.SKEW_MS),
    )
    with installation.database.read() as tx:
        sealed = tx.execute(query).scalar()
    if sealed is None:
        return None
    try:
        body = installation.keyring.open(KEPT_FORM, request.path, sealed)
    except SealBroken:
        return None  # kept for another page
    content: dict[str, Any] = json.loads(body)
    return KeptForm(**content)


def carry_over(tx: Connection, before: str, cookie_hash: str) -> None:
    """Give what one session kept to the one that takes its place, of the same person."""
    columns = console_kept_form.c
    tx.execute(
        update(console_kept_form)
        .where(columns.cookie_hash == before)
        .values(cookie_hash=cookie_hash)
    )


def forget_expired(tx: Connection) -> None:
    """Delete what waited long enough, or was written by a clock that stood ahead."""
    expires_at, now = console_kept_form.c.expires_at, clock.now_ms()
    is_ahead = expires_at > now + KEPT_FORM_MS + clock.SKEW_MS
    tx.execute(delete(console_kept_form).where(or_(expires_at <= now, is_ahead)))


def _keep(tx: Connection, keyring: KeyRing, cookie_hash: str, path: str, form: KeptForm) -> str:
    columns, now = console_kept_form.c, clock.now_ms()
    theirs = columns.cookie_hash == cookie_hash
    forget_expired(tx)
    newest = (
        select(columns.id_hash)
        .where(theirs)
        .order_by(columns.expires_at.desc(), columns.id_hash)
        .limit(MOST_PER_SESSION - 1)
    )
    tx.execute(delete(console_kept_form).where(theirs, columns.id_hash.not_in(newest)))
    name = new_secret()
    body = json.dumps(asdict(form), ensure_ascii=False).encode()
    tx.execute(
        insert(console_kept_form).values(
            id_hash=digest(name),
            cookie_hash=cookie_hash,
            # What is typed about people is nobody's to read in the store.
            body=keyring.seal(KEPT_FORM, path, body),
            expires_at=now + KEPT_FORM_MS,
        )
    )
    return name
