"""What administrators ask of the console: every list and page, the usual filters, and saves."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import select

from admin_ui.console import sessions
from bench.connection import Answer, Connection
from bench.console_store import ROLES, Admin
from directory.authz.scopes import Scope, within
from directory.authz.tables import application, position, role_grant
from directory.installation import Installation
from directory.projection.tables import catalogue_post
from directory.requests.tables import request
from idp.levels import TWO_FACTORS
from idp.sessions import store as issuer_sessions

_CALLED = "X-Bench"
_FIELD = re.compile(r"<input[^>]*>|<select.*?</select>|<textarea[^>]*>.*?</textarea>", re.S)
_FACT = re.compile(r'([\w-]+)="([^"]*)"')
_NEXT = re.compile(r'href="([^"]+)"[^>]*rel="next"|rel="next"[^>]*href="([^"]+)"')


class Unexpected(Exception):
    """An answer that is not the right one."""


@dataclass(frozen=True)
class Visitor:
    """An administrator with a session, and things of their places to look at."""

    console: Connection
    admin: Admin
    people: Sequence[str]
    grants: Sequence[str]
    positions: Sequence[str]
    applications: Sequence[str]
    requests: Sequence[str]

    def get(self, called: str, path: str, *expected: int) -> Answer:
        """Ask for a page. `called`: the name it is counted under; empty: not counted."""
        # People read longer than the server keeps a connection; kept ones stay with one worker.
        headers = {_CALLED: called, "Connection": "close"}
        return _right(path, self.console.get(path, **headers), expected or (200,))

    def post(self, called: str, path: str, form: Sequence[tuple[str, str]]) -> Answer:
        """Send a form; the right answer leads on to another page."""
        body = urlencode(form).encode()
        headers = {_CALLED: called, "Connection": "close"}
        headers |= {"Origin": f"http://localhost:{self.console.port}"}
        sent = self.console.send(self.console.request("POST", path, body, **headers))
        return _right(path, sent, (303,))


def _right(path: str, answer: Answer, expected: Sequence[int]) -> Answer:
    if answer.status not in expected:
        said = re.sub(r"<[^>]+>|\s+", " ", answer.text.partition("<main")[2])[:300]
        raise Unexpected(f"{path}: {answer.status} instead of {expected}: {said}")
    return answer


def enter(installation: Installation, port: int, admin: Admin, number: int) -> Visitor:
    """Give an administrator a session, as a sign-in does, and look up what is theirs."""
    with installation.database.write() as tx:
        session, _ = issuer_sessions.open_session(
            tx,
            admin.person_id,
            amr=("pwd", "otp"),
            acr=TWO_FACTORS,
            address="127.0.0.1",
            user_agent="bench",
            shared_computer=False,
        )
        value = sessions.open_session(
            tx, installation.keyring, admin.person_id, session.sid, "id-token"
        )
    console = Connection(port, f"10.3.0.{number + 1}")
    console.cookies["dmc_session"] = value
    places = within(Scope(False, frozenset({admin.place_id})).roots)
    post, grant, place = catalogue_post.c, role_grant.c, position.c
    queries = (
        select(post.person_id).where(post.place_id.in_(places), post.person_id != admin.person_id),
        select(grant.id).where(grant.agency_id.in_(places), grant.revoked_at == 0),
        select(place.id).where(place.agency_id.in_(places), place.closed_at.is_(None)),
        select(application.c.id).where(
            application.c.sharing == "shared", application.c.name.like("Ứng dụng số %")
        ),
        select(request.c.id).where(request.c.agency_id.in_(places), request.c.state == "open"),
    )
    with installation.database.read() as tx:
        found = [list(tx.execute(query.limit(400)).scalars()) for query in queries]
    return Visitor(console, admin, *found)


Step = tuple[str, str]
"""The name a page is counted under, and its address."""


def pages(visitor: Visitor, turn: int) -> Iterator[Step]:
    """Every list and page once, with other people and things each turn."""

    def one(things: Sequence[str]) -> str:
        return things[turn % len(things)]

    place = visitor.admin.place_id
    person, grant, its = one(visitor.people), one(visitor.grants), one(visitor.applications)
    role, name = f"{its}:{ROLES[turn % 3]}", ("hung", "Nguyễn Thị", "anh", "minh")[turn % 4]
    yield "/hom-nay", "/hom-nay"
    yield "/hom-nay/don-vi-thieu-nguoi", "/hom-nay/don-vi-thieu-nguoi"
    yield "/tim?tim=", f"/tim?{urlencode({'tim': name})}"
    yield "/nguoi-dung", "/nguoi-dung"
    yield "/nguoi-dung?tim=", f"/nguoi-dung?{urlencode({'tim': name})}"
    yield "/nguoi-dung?trang=2", "/nguoi-dung?trang=2"
    yield "/nguoi-dung/…", f"/nguoi-dung/{person}"
    yield "/quyen", "/quyen"
    yield "/quyen?tinh-trang=sap-het-han", "/quyen?tinh-trang=sap-het-han"
    yield "/quyen?tinh-trang=nguoi-da-chuyen", "/quyen?tinh-trang=nguoi-da-chuyen"
    yield "/quyen?tim=", f"/quyen?{urlencode({'tim': name})}"
    yield "/quyen?ung-dung=", f"/quyen?ung-dung={its}"
    yield "/quyen?ung-dung=&vai-tro=", f"/quyen?ung-dung={its}&vai-tro={ROLES[turn % 5]}"
    yield "/quyen?noi=", f"/quyen?noi={place}"
    yield "/quyen?nguoi=", f"/quyen?nguoi={person}"
    yield "/quyen?giao-cho=vi-tri", "/quyen?giao-cho=vi-tri"
    yield "/quyen/…", f"/quyen/{grant}"
    yield "/quyen/…/gia-han", f"/quyen/{grant}/gia-han"
    yield "/quyen/…/thu-hoi", f"/quyen/{grant}/thu-hoi"
    yield "/quyen/xung-dot", "/quyen/xung-dot"
    yield "/quyen/hang-loat", "/quyen/hang-loat"
    yield "/quyen/xuat", "/quyen/xuat?dang=csv"
    yield "/quyen/cap", "/quyen/cap"
    yield "/quyen/cap?nguoi=", f"/quyen/cap?nguoi={person}"
    yield "/quyen/cap?vai-tro=&tim=", f"/quyen/cap?{urlencode({'vai-tro': role, 'tim': name})}"
    of_one = {"vai-tro": role, "cho": f"person:{person}"}
    yield "/quyen/cap?vai-tro=&cho=", f"/quyen/cap?{urlencode(of_one)}"
    yield "/vi-tri", "/vi-tri"
    yield "/vi-tri?tim=", "/vi-tri?tim=chuyen+vien"
    if visitor.positions:
        its_position = one(visitor.positions)
        yield "/quyen?vi-tri=", f"/quyen?vi-tri={its_position}"
        yield "/vi-tri/…", f"/vi-tri/{its_position}"
        yield "/vi-tri/…/sua", f"/vi-tri/{its_position}/sua"
        yield "/vi-tri/…/dong", f"/vi-tri/{its_position}/dong"
    yield "/vi-tri/them", "/vi-tri/them"
    yield "/yeu-cau", "/yeu-cau"
    yield "/yeu-cau/cua-toi", "/yeu-cau/cua-toi"
    yield "/yeu-cau/so", "/yeu-cau/so"
    if visitor.requests:
        yield "/yeu-cau/…", f"/yeu-cau/{one(visitor.requests)}"
    yield "/ung-dung", "/ung-dung"
    yield "/ung-dung/…", f"/ung-dung/{its}"
    yield "/ung-dung/…/vai-tro", f"/ung-dung/{its}/vai-tro"
    yield "/ung-dung/…/vai-tro/…", f"/ung-dung/{its}/vai-tro/{ROLES[turn % 5]}"
    yield "/ung-dung/…/du-lieu", f"/ung-dung/{its}/du-lieu"
    yield "/nhat-ky", "/nhat-ky"
    yield "/nhat-ky?ten=", f"/nhat-ky?{urlencode({'ten': name})}"
    yield "/nhat-ky?loai=vai-tro", "/nhat-ky?loai=vai-tro"


# Lists whose next page is gone on to.
NEXT = frozenset(("/quyen", "/quyen?tinh-trang=nguoi-da-chuyen", "/nhat-ky", "/yeu-cau/so"))
# One's own grants, and those of people who moved away, are changed by others: that is a page too.
_MAY_BE_REFUSED = frozenset(("/quyen/…/gia-han", "/quyen/…/thu-hoi"))


def look_around(visitor: Visitor, turn: int, is_over: Callable[[], bool]) -> Iterator[Step]:
    """Ask for all of it, and for the next page of some lists; tells what was asked. Begins further
    on in the list of pages each turn: who looks at the same time looks at something else."""
    steps = list(pages(visitor, turn))
    first = turn % len(steps)
    for called, path in (*steps[first:], *steps[:first]):
        if is_over():
            return
        page = visitor.get(called, path, 200, *([403] if called in _MAY_BE_REFUSED else []))
        yield called, path
        found = _NEXT.search(page.text) if called in NEXT else None
        if found:
            visitor.get(f"{called}, next", html.unescape(found[1] or found[2]))
            yield f"{called}, next", path


def save(visitor: Visitor, turn: int) -> Iterator[Step]:
    """Give a role in three pages, renew it, take it back; add, rename and close a position."""
    person = visitor.people[(turn * 7) % len(visitor.people)]
    its = visitor.applications[turn % len(visitor.applications)]
    asked = urlencode({"vai-tro": f"{its}:bao-cao", "cho": f"person:{person}", "tiep": "1"})
    page = visitor.get("", f"/quyen/cap?{asked}")
    if 'name="agency"' not in page.text:
        return
    sent = visitor.post("POST /quyen/cap", "/quyen/cap", _form(page, reason="Đo tốc độ"))
    yield "POST /quyen/cap", person
    look = visitor.get("", sent.location, 200, 303)
    if look.status == 303 or "/quyen/cap/xem" not in look.text:
        return
    visitor.get("/quyen/cap/xem", sent.location)
    visitor.post("POST /quyen/cap/xem", "/quyen/cap/xem", _form(look))
    yield "POST /quyen/cap/xem", person
    listed = visitor.get("", f"/quyen?nguoi={person}&ung-dung={its}&vai-tro=bao-cao").text
    found = re.search(r'href="(/quyen/[0-9a-f-]{36})"', listed)
    if found is None:
        return
    path = found[1]
    form = _form(visitor.get("", f"{path}/gia-han"), reason="Đo tốc độ")
    path = visitor.post("POST /quyen/…/gia-han", f"{path}/gia-han", form).location
    yield "POST /quyen/…/gia-han", path
    if "/gia-han" not in path:
        form = _form(visitor.get("", f"{path}/thu-hoi"), reason="Đo tốc độ")
        visitor.post("POST /quyen/…/thu-hoi", f"{path}/thu-hoi", form)
        yield "POST /quyen/…/thu-hoi", path
    yield from _save_position(visitor, turn)


def _save_position(visitor: Visitor, turn: int) -> Iterator[Step]:
    name = f"Vị trí đo {visitor.admin.person_id[:8]} {turn}"
    form = _form(visitor.get("", "/vi-tri/them"), name=name, place=visitor.admin.place_id)
    path = visitor.post("POST /vi-tri/them", "/vi-tri/them", form).location
    yield "POST /vi-tri/them", path
    if not re.fullmatch(r"/vi-tri/[0-9a-f-]{36}", path):
        return
    for called, end, typed in (
        ("POST /vi-tri/…/sua", "sua", {"name": f"{name} a"}),
        ("POST /vi-tri/…/dong", "dong", {"reason": "Đo tốc độ"}),
    ):
        form = _form(visitor.get("", f"{path}/{end}"), **typed)
        visitor.post(called, f"{path}/{end}", form)
        yield called, path


def _form(page: Answer, **typed: str) -> Sequence[tuple[str, str]]:
    """What the main form of a page would send, with what was typed."""
    text = page.text.partition('<form class="form card"')[2].partition("</form>")[0]
    sent: dict[str, str] = {}
    for tag in _FIELD.findall(text):
        facts: Mapping[str, str] = dict(_FACT.findall(tag.partition(">")[0]))
        if "name" not in facts:
            continue
        if tag.startswith("<select"):
            chosen = re.search(r'value="([^"]*)" selected', tag)
            sent[facts["name"]] = html.unescape(chosen[1]) if chosen else ""
        elif facts.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        else:
            sent[facts["name"]] = html.unescape(facts.get("value", ""))
    return list({**sent, **typed}.items())
