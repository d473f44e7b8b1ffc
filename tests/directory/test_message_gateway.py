"""Texts through a gateway: a real HTTP server on loopback that behaves as badly as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from sqlalchemy import delete, select, update

from admin_ui.components import COMPONENTS
from directory.audit.reading import Event, list_events
from directory.clock import HOUR, now_ms
from directory.component import NotWell, messages_of
from directory.errors import Unavailable
from directory.installation import Installation
from directory.message_kinds import Letter, MessageKind, ShortText
from directory.messages import caps, checks, gateway, queue
from directory.messages.delivery import deliver
from directory.messages.sending import send
from directory.messages.tables import message, text_sent
from directory.settings import read_settings
from tests.support import province
from tests.support.installation import RunningInstallation, running_installation
from tests.support.mail_server import MailServer
from tests.support.ports import free_port

pytestmark = pytest.mark.both_engines

# In place of kinds that are declared: the log has words for them.
WARNING = MessageKind(
    "new_device",
    ("thư thử", "a trial letter"),
    vi=Letter("Cảnh báo {code}", "Cảnh báo {code}"),
    en=Letter("Warning {code}", "Warning {code}"),
    sample={"code": "K7RQ"},
    sms=ShortText("Cảnh báo cho {username}: {code}", "Warning: {code}", is_security=True),
)
NEWS = MessageKind(
    "roles_ending",
    ("thư thử", "a trial letter"),
    vi=Letter("Tin {code}", "Tin {code}"),
    en=Letter("News {code}", "News {code}"),
    sample={"code": "K7RQ"},
    sms=ShortText("Tin: {code}", "News: {code}"),
)
LONG = MessageKind("recovery_link", NEWS.told, vi=NEWS.vi, en=NEWS.en, sample=NEWS.sample)
KINDS = {**messages_of(COMPONENTS), **{kind.name: kind for kind in (WARNING, NEWS, LONG)}}
TOKEN = "bi-mat-cua-cong"


class _Gateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, dict(self.headers), body))
        if self.server.is_silent:
            self.server.woken.wait(20)
            self.close_connection = True
            return
        answer = self.server.body
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        """Nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Gateway)
        self.woken = threading.Event()
        self.behave()

    def behave(self, status: int = 200, body: bytes = b'{"data": {"id": "g-1"}}') -> None:
        self.status, self.body, self.is_silent = status, body, False
        self.asked: list[tuple[str, dict[str, str], bytes]] = []

    def texts(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.asked]


class World(province.World):
    running: RunningInstallation
    mail: MailServer
    gateway: _Server
    folder: Path
    nobody: int  # a port where nobody listens, but that may be connected to

    def send(self, name: str, kind: MessageKind = WARNING, **settings: str) -> int:
        held = self.with_settings(**settings) if settings else self.installation
        with held.database.write() as tx:
            return send(tx, held, kind, self.people[name], code="K7RQ")

    def with_settings(self, **settings: str) -> Installation:
        given = {f"DANHMUC_{name}": value for name, value in settings.items()}
        found = self.installation
        held = read_settings({**self.running.given, **given})
        return Installation(held, found.database, found.keyring, found.ldap, found.credentials)

    def deliver(self) -> None:
        with self.installation.database.write() as tx:
            tx.execute(update(message).where(message.c.failed_at.is_(None)).values(due_at=0))
        deliver(self.installation, KINDS)

    def rows(self) -> list[Any]:
        with self.installation.database.read() as tx:
            return list(tx.execute(select(message).order_by(message.c.id)))

    def events(self, kind: str) -> list[Event]:
        with self.installation.database.read() as tx:
            return [each for each in list_events(tx, limit=300) if each.kind == kind]

    def define(self, **other: object) -> None:
        wanted = {
            "url": f"http://127.0.0.1:{self.gateway.server_port}/gui",
            "headers": {"Authorization": "Bearer {token}"},
            "body": {"to": "{to}", "text": "{text}", "ref": "{id}"},
            "secrets": {"token": str(self.folder / "token")},
            "answer_id": "/data/id",
            "marks": False,
            **other,
        }
        kept = {key: value for key, value in wanted.items() if value is not None}
        (self.folder / "sms.yaml").write_text(yaml.safe_dump(kept), "utf-8")


@contextmanager
def _serving() -> Iterator[_Server]:
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.woken.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder, mail = tmp_path_factory.mktemp("sms"), MailServer()
    (folder / "sms.yaml").write_text("{}")
    nobody = free_port()
    with (
        _serving() as server,
        mail.listening(),
        running_installation(
            DANHMUC_SMTP_URL=mail.url,
            DANHMUC_SMS_FILE=str(folder / "sms.yaml"),
            DANHMUC_OUTBOUND_ALLOW=f"127.0.0.1/32:{server.server_port} 127.0.0.1/32:{nobody}",
        ) as found,
    ):
        world = World(found.installation)
        world.running, world.mail, world.gateway, world.folder = found, mail, server, folder
        world.nobody = nobody
        world.add_places({"P": "", "A": "P"})
        post = world.post("A")
        world.add_person("an", "An", post, mail="an@x.gov.vn", phone="0903 123 456")
        world.add_person("binh", "Bình", post, phone="+84 (0) 274 382 0000")
        world.add_person("chi", "Chi", post, phone="0084 703.123.456")
        world.add_person("dung", "Dung", post, phone="0703 000 111", language="en")
        world.add_person("chi_qt", "Chi", post, administrator_of=world.people["chi"])
        yield world


@pytest.fixture
def world(running: World) -> World:
    running.mail.behave()
    running.gateway.behave()
    token = running.folder / "token"
    token.write_text(TOKEN + "\n")
    token.chmod(0o600)
    running.define()
    with running.installation.database.write() as tx:
        queue.forget_all(tx)
        tx.execute(delete(text_sent))
    return running


def test_a_text_goes_to_whoever_has_no_mail_and_its_id_is_read_back(world: World) -> None:
    assert (world.send("chi"), world.send("dung"), world.send("binh")) == (1, 1, 0)
    assert world.send("chi", LONG) == 0
    ids = [each.id for each in world.rows()]
    assert all(b"703123456" not in each.content for each in world.rows())
    world.deliver()
    assert world.gateway.texts() == [
        {"to": "+84703123456", "text": "Canh bao cho chi: K7RQ", "ref": ids[0]},
        {"to": "+84703000111", "text": "Warning: K7RQ", "ref": ids[1]},
    ]
    path, headers, _ = world.gateway.asked[0]
    assert (path, headers["Authorization"]) == ("/gui", f"Bearer {TOKEN}")
    assert world.rows() == [] and world.mail.taken == []
    told = world.events("message.texted")[0]
    assert told.subject == f"person:{world.people['dung']}"
    assert (told.fields["gateway_id"], told.fields["parts"]) == ("g-1", 1)


def test_with_both_it_is_mail_and_a_warning_is_both_if_the_setting_says_so(world: World) -> None:
    assert world.send("an") == 1
    assert world.send("an", SMS_BESIDE_MAIL="SECURITY") == 2
    assert world.send("an", NEWS, SMS_BESIDE_MAIL="SECURITY") == 1
    assert world.send("an", SMTP_URL="") == 1
    assert world.send("chi_qt") == 1
    assert [each.way for each in world.rows()] == ["mail", "mail", "sms", "mail", "sms", "sms"]
    world.deliver()
    assert [each["to"][-9:] for each in world.gateway.texts()] == [
        "903123456", "903123456", "703123456"
    ]  # fmt: skip
    assert len(world.mail.taken) == 3


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, b'{"error": "bad number"}', "sms_refused"),
        (422, b"", "sms_refused"),
        (200, b"<!doctype html><title>OK</title>", "sms_no_id"),
        (200, b'{"error": -124, "message": "Access token invalid"}', "sms_no_id"),
        (200, b'{"data": {"id": ""}}', "sms_no_id"),
        (200, b'{"data": {"id": true}}', "sms_no_id"),
        (200, b"[" * 100_000, "sms_no_id"),
        (200, b"\xff\xfe", "sms_no_id"),
    ],
)
def test_what_a_gateway_does_not_take_has_failed_and_is_not_sent_again(
    world: World, status: int, body: bytes, reason: str
) -> None:
    world.gateway.behave(status, body)
    world.send("chi")
    world.deliver()
    world.deliver()
    (failed,) = world.rows()
    assert (failed.reason, failed.failed_at is not None) == (reason, True)
    assert len(world.gateway.asked) == 1
    assert world.events("message.failed")[0].fields["reason"] == reason
    with pytest.raises(NotWell, match="1 could not be sent"):
        checks.all_sent(world.installation)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_what_a_gateway_cannot_do_now_is_sent_later(world: World, status: int) -> None:
    world.gateway.behave(status, b"<html>")
    world.send("chi")
    world.deliver()
    (waiting,) = world.rows()
    assert (waiting.reason, waiting.failed_at, waiting.tries) == ("not_now", None, 1)
    world.gateway.behave()
    world.deliver()
    assert world.rows() == [] and len(world.gateway.asked) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "gateway_token"), (403, "gateway_token"), (404, "gateway_refuses"),
     (302, "gateway_refuses")],
)  # fmt: skip
def test_where_nothing_is_taken_texts_wait_and_mails_go(
    world: World, status: int, code: str
) -> None:
    world.gateway.behave(status)
    world.send("chi")
    world.send("an")
    with pytest.raises(Unavailable) as refused:
        world.deliver()
    assert refused.value.code == f"message.{code}"
    (waiting,) = world.rows()
    assert (waiting.way, waiting.tries, waiting.failed_at) == ("sms", 0, None)
    assert len(world.mail.taken) == 1


def test_a_mail_server_that_is_away_keeps_no_text_waiting(world: World) -> None:
    world.mail.drops = "CONNECT"
    world.send("an")
    world.send("chi")
    with pytest.raises(Unavailable) as refused:
        world.deliver()
    assert refused.value.code == "message.server_unreachable"
    assert [each.way for each in world.rows()] == ["mail"] and len(world.gateway.asked) == 1


def test_a_gateway_that_is_away_or_not_allowed_loses_nothing(world: World) -> None:
    world.send("chi")
    for port in (world.nobody, 9):
        world.define(url=f"http://127.0.0.1:{port}/gui")
        with pytest.raises(Unavailable) as refused:
            world.deliver()
        assert refused.value.code == "message.gateway_unreachable"
        assert [each.tries for each in world.rows()] == [0]
    with pytest.raises(NotWell, match="DANHMUC_OUTBOUND_ALLOW"):
        checks.gateway(world.installation)
    world.define()
    assert "may be asked" in checks.gateway(world.installation)
    world.deliver()
    assert world.rows() == []


def test_a_gateway_that_never_answers_is_asked_three_times_under_one_id(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.outbound.client.TIMEOUT_S", 0.3)
    world.gateway.is_silent = True
    world.send("chi")
    for _ in range(4):
        world.deliver()
    (failed,) = world.rows()
    assert (failed.reason, failed.tries) == ("sms_unanswered", 3)
    assert len({each["ref"] for each in world.gateway.texts()}) == 1
    assert len(world.gateway.asked) == 3


def test_forms_and_addresses_hold_values_as_values(world: World) -> None:
    form = {"phone": "{to_digits}", "msg": "{text}", "key": "{token}", "type": 2}
    world.define(body=None, form=form, marks=True)
    world.send("chi")
    world.deliver()
    asked = {key: value[0] for key, value in parse_qs(world.gateway.asked[0][2].decode()).items()}
    text = "Cảnh báo cho chi: K7RQ"
    assert asked == {"phone": "84703123456", "msg": text, "key": TOKEN, "type": "2"}
    url = f"http://127.0.0.1:{world.gateway.server_port}/gui?to={{to_national}}&m={{text}}"
    world.define(body=None, url=url, method="GET", marks=True)
    world.send("chi")
    world.deliver()
    path = world.gateway.asked[1][0]
    assert parse_qs(urlsplit(path).query) == {"to": ["0703123456"], "m": [text]}


def test_what_is_wrong_in_the_file_is_told_and_nothing_is_lost(world: World) -> None:
    world.send("chi")
    wrong: list[tuple[dict[str, object], str]] = [
        ({"url": "http://sms.example.vn/"}, "url must be https"),
        ({"url": "https://{to}.example.vn/"}, "url must be https"),
        ({"url": "https://a:b@sms.example.vn/"}, "url holds"),
        ({"url": "https://sms.example.vn/{token}"}, "secret must not"),
        ({"body": {"to": "{to}"}}, "must hold"),
        ({"body": {"to": "{to}", "text": "{text}{nobody}"}}, "{nobody} is not known"),
        ({"form": {"a": "b"}}, "exclude"),
        ({"method": "GET"}, "GET has no body"),
        ({"headers": {"Host": "a"}}, "Host cannot be set"),
        ({"headers": {"X-A": "a\r\nX-B: c"}}, "plain ASCII"),
        ({"answer_id": None}, "answer_id"),
        ({"marks": "no"}, "marks"),
        ({"most_parts": 0}, "most_parts"),
        ({"secrets": {"token": "token"}}, "whole paths"),
        ({"secrets": {"token": "/nonexistent"}}, "cannot be read"),
        ({"timeout": 3}, "timeout is not known"),
    ]
    for other, said in wrong:
        world.define(**other)
        with pytest.raises(Unavailable) as refused:
            world.deliver()
        assert refused.value.code == "message.gateway_file" and said in refused.value.detail, other
    world.define()
    for raw in (b"a: &x 1\nb: *x\n", b"\xff", b"{", b"[]", b"a: " + b"x" * 70_000):
        (world.folder / "sms.yaml").write_bytes(raw)
        with pytest.raises(Unavailable):
            gateway.read(world.installation.settings)
    world.define()
    (world.folder / "token").chmod(0o644)
    with pytest.raises(Unavailable) as refused:
        checks.gateway(world.installation)
    assert "everybody" in refused.value.detail and TOKEN not in repr(refused.value)
    (world.folder / "token").chmod(0o640)
    world.deliver()
    assert world.rows() == []


def test_what_is_over_a_bound_waits_and_is_told(world: World) -> None:
    for _ in range(7):
        world.send("chi")
    world.deliver()
    assert len(world.gateway.asked) == 5
    waiting = world.rows()
    assert [(row.reason, row.tries, row.failed_at) for row in waiting] == [
        ("sms_hour", 0, None)
    ] * 2
    with pytest.raises(NotWell, match="2 texts wait"):
        checks.all_sent(world.installation)
    with world.installation.database.write() as tx:
        tx.execute(update(text_sent).values(sent_at=text_sent.c.sent_at - HOUR))
        settings = replace(world.installation.settings, sms_per_day=5)
        person = world.people["chi"]
        assert caps.find_cap(tx, settings, person) == "sms_day"
        assert caps.find_cap(tx, world.installation.settings, person) == ""
        tx.execute(update(text_sent).values(sent_at=now_ms() + 2 * HOUR))
        assert caps.find_cap(tx, settings, person) == "", "a clock that was wrong wrote them"
        caps.forget_old(tx)
    world.deliver()
    assert len(world.gateway.asked) == 7 and world.rows() == []
