"""Messages: queued with their cause, sealed, sent once, and never in anybody's way."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from admin_ui.components import COMPONENTS, VOCABULARY
from directory.actor import Actor
from directory.audit.reading import Event, list_events
from directory.audit.sentences import sentence
from directory.clock import now_ms
from directory.component import NotWell, messages_of
from directory.errors import Forbidden, NotFound, Unavailable
from directory.ids import new_secret
from directory.installation import Installation
from directory.message_kinds import Letter, MessageKind
from directory.messages import checks, letters, queue, service, smtp
from directory.messages.delivery import deliver
from directory.messages.sending import send
from directory.messages.tables import message
from directory.people.credentials import set_password
from directory.people.messages import PASSWORD_CHANGED, PASSWORD_RESET
from directory.settings import ConfigurationProblems, read_settings
from tests.support import province
from tests.support.installation import OPERATOR, RunningInstallation, opened, running_installation
from tests.support.mail_server import MailServer

pytestmark = pytest.mark.both_engines

ROOT = Path(__file__).resolve().parents[2]
# In place of a kind that is declared: the log has words for it.
SECRET = MessageKind(
    "new_device",
    ("thư thử", "a trial letter"),
    vi=Letter("Mã của {name2}", "Mã: {code}"),
    en=Letter("Code of {name2}", "Code: {code}"),
    sample={"code": "K7RQ", "name2": "An"},
)
KINDS = {**messages_of(COMPONENTS), SECRET.name: SECRET}
LONG_NAME = "Nguyễn Phúc Thị Thuỳ Dương " * 4 + "Hậu"


class World(province.World):
    running: RunningInstallation
    mail: MailServer

    def send(self, name: str = "an", code: str = "K7RQ", name2: str = "An") -> int:
        with self.installation.database.write() as tx:
            person_id = self.people[name]
            return send(tx, self.installation, SECRET, person_id, code=code, name2=name2)

    def deliver(self) -> None:
        deliver(self.installation, KINDS)

    def rows(self) -> list[Any]:
        with self.installation.database.read() as tx:
            return list(tx.execute(select(message).order_by(message.c.id)))

    def change(self, **values: Any) -> None:
        with self.installation.database.write() as tx:
            tx.execute(update(message).values(**values))

    def events(self, kind: str) -> list[Event]:
        with self.installation.database.read() as tx:
            return [each for each in list_events(tx, limit=200) if each.kind == kind]


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    server = MailServer()
    with server.listening(), running_installation(DANHMUC_SMTP_URL=server.url) as found:
        world = World(found.installation)
        world.running, world.mail = found, server
        world.add_places({"P": "", "A": "P"})
        world.add_person("an", "Nguyễn Văn An", world.post("A"), mail="an@binhduong.gov.vn")
        world.add_person("binh", LONG_NAME, world.post("A"), mail="binh@binhduong.gov.vn")
        world.add_person(
            "john", "John Smith", world.post("A"), mail="john@binhduong.gov.vn", language="en"
        )
        world.add_person("khong_thu", "Trần Không Thư", world.post("A"))
        world.add_person(
            "an_qt", "Nguyễn Văn An", world.post("A"), administrator_of=world.people["an"]
        )
        yield world


@pytest.fixture
def world(running: World) -> World:
    running.mail.behave()
    with running.installation.database.write() as tx:
        queue.forget_all(tx)
    return running


def test_a_letter_says_what_happened_to_whom_in_their_language(world: World) -> None:
    assert (world.send("binh"), world.send("john")) == (1, 1)
    world.deliver()
    vi, en = world.mail.taken
    assert (vi.sender, vi.recipient) == ("khong-tra-loi@binhduong.gov.vn", "binh@binhduong.gov.vn")
    assert vi.letter["Subject"] == "Mã của An"
    assert vi.letter["From"].addresses[0].display_name == "Danh Mục tỉnh Bình Dương"
    assert vi.name == LONG_NAME
    assert vi.letter["Auto-Submitted"] == "auto-generated"
    assert "Mã: K7RQ" in vi.text and LONG_NAME in vi.text and "0274 000 0000" in vi.text
    assert all(len(line) <= 998 and line.isascii() for line in vi.raw.splitlines())
    assert en.letter["Subject"] == "Code of An" and "Dear John Smith," in en.text
    assert world.rows() == []
    assert world.mail.connections == 1
    told = world.events("message.sent")[0]
    assert told.subject == f"person:{world.people['john']}" and told.fields["what"] == "new_device"


def test_whoever_has_no_address_gets_none_and_an_account_beside_ones_own_goes_there(
    world: World,
) -> None:
    assert world.send("khong_thu") == 0
    assert world.send("an_qt") == 1
    world.deliver()
    assert [each.recipient for each in world.mail.taken] == ["an@binhduong.gov.vn"]
    with pytest.raises(TypeError, match="new_device wants"):
        SECRET.check({"code": "K7RQ"})


def test_what_was_not_committed_is_not_told(world: World) -> None:
    with pytest.raises(KeyError), world.installation.database.write() as tx:
        send(tx, world.installation, SECRET, world.people["an"], code="K7RQ", name2="An")
        raise KeyError
    world.deliver()
    assert world.mail.taken == []


def test_a_new_password_is_told(world: World) -> None:
    set_password(world.installation, OPERATOR, world.people["an"], "mười hai con giáp ngồi bên bếp")
    world.deliver()
    (told,) = world.mail.taken
    assert told.letter["Subject"] == PASSWORD_RESET.vi.subject
    assert "tài khoản an lúc" in told.text and "mười hai" not in told.text


def test_nobody_begins_a_header_of_their_own(world: World) -> None:
    world.send(name2="An\r\nBcc: ke.gian@example.com\r\n\r\nXin chào")
    world.send(name2="An\u2028\x00Bcc: a@b", code="1\n.\nQUIT")
    with world.installation.database.read() as tx:
        waiting = queue.list_waiting(tx, 9)
    content = queue.opened(world.installation.keyring, waiting[0])
    settings, sent = world.installation.settings, waiting[0]
    for name in ("An\r\nBcc: b@example.com", 'An" <b@example.com>, "', "=?utf-8?q?An=0ABcc:_b?="):
        named = queue.Content(content.mail, name, "vi", content.values)
        rendered = letters.render(settings, SECRET, "vi", name, content.values)
        raw = letters.letter_of(settings, sent.id, sent.created_at, named, rendered)
        head = raw.partition(b"\r\n\r\n")[0]
        assert b"\nBcc" not in head and head.count(b"\nTo:") == 1
    for mail in ("a@b.vn>\r\nRCPT TO:<c@d.vn", "a@b.vn, c@d.vn", "người@b.vn", "<a@b.vn>", "a b@c"):
        assert not letters.is_address(mail)
    world.deliver()
    assert [list(each.letter.keys()) for each in world.mail.taken] == [
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
         "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
    ] * 2  # fmt: skip
    assert {each.recipient for each in world.mail.taken} == {"an@binhduong.gov.vn"}


def test_no_code_and_no_address_stand_in_a_row_a_line_of_the_log_or_an_event(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    code = new_secret()
    caplog.set_level(logging.DEBUG)
    world.mail.refused["an@binhduong.gov.vn"] = "450 4.2.0 an@binhduong.gov.vn greylisted"
    world.send(code=code)
    world.deliver()
    (row,) = world.rows()
    assert (row.tries, row.reason) == (1, "not_now")
    assert code.encode() not in row.content and code not in repr(row)
    assert b"an@binhduong" not in row.content and b"Nguy" not in row.content
    if world.installation.database.is_sqlite:
        files = world.installation.settings.state.glob("danhmuc.db*")
        assert not any(code.encode() in path.read_bytes() for path in files)
    world.mail.refused["an@binhduong.gov.vn"] = "550 5.1.1 an@binhduong.gov.vn unknown"
    world.change(due_at=0)
    world.deliver()
    said = repr([vars(each) for each in caplog.records])
    assert "message not sent" in said
    assert code not in said and "an@binhduong" not in said
    failed = world.events("message.failed")[0]
    assert failed.fields == {
        "message": row.id, "what": "new_device", "reason": "refused", "tries": 2
    }  # fmt: skip
    assert code not in repr([*world.events("message.failed"), *world.events("message.sent")])


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ({"RCPT": "450 4.7.1 greylisted"}, "not_now"),
        ({"TAKEN": "451 4.3.0 later"}, "not_now"),
        ({"DATA": "452 4.3.1 full"}, "not_now"),
        ({"MAIL": "421 4.3.2 closing"}, "not_now"),
        ({"drops": "MAIL"}, "disconnected"),
        # A short letter is on its way before one hears of the end.
        ({"drops": "DATA"}, "disconnected unanswered"),
    ],
)
def test_what_may_work_later_is_tried_again_later(
    world: World, says: dict[str, str], reason: str
) -> None:
    world.mail.drops = says.pop("drops", "")
    world.mail.says.update(says)
    world.send()
    before = now_ms()
    world.deliver()
    (row,) = world.rows()
    assert (row.tries, row.failed_at) == (1, None) and row.reason in reason.split()
    assert 50_000 < row.due_at - before < 70_000
    world.mail.behave()
    world.deliver()
    assert world.mail.taken == []  # not yet
    world.change(due_at=0)
    world.deliver()
    (taken,) = world.mail.taken
    assert taken.letter["Message-ID"] == f"<{row.id}@binhduong.gov.vn>"
    assert world.rows() == []


def test_a_letter_whose_receipt_was_lost_comes_again_under_the_same_id(world: World) -> None:
    world.mail.drops = "ACCEPTED"
    world.send()
    world.deliver()
    world.mail.drops = ""
    world.change(due_at=0)
    world.deliver()
    first, second = world.mail.taken
    assert first.raw == second.raw


def test_a_letter_that_may_have_been_taken_comes_twice_and_not_more(world: World) -> None:
    world.send()
    for bad in ({"drops": "ACCEPTED"}, {"RCPT": "450 4.7.1 later"}, {"drops": "ACCEPTED"}, {}, {}):
        world.mail.drops = bad.pop("drops", "")
        world.mail.says.clear()
        world.mail.says.update(bad)
        world.change(due_at=0)
        world.deliver()
    assert len(world.mail.taken) == 2
    (row,) = world.rows()
    assert row.reason == "mail_unanswered" and row.failed_at is not None
    assert world.events("message.failed")[0].fields["reason"] == "mail_unanswered"
    with world.installation.database.write() as tx:
        queue.revive(tx, row.id)
    world.deliver()
    assert len(world.mail.taken) == 3, "somebody decided so"


HANGS = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "TAKEN")


@pytest.mark.parametrize("place", HANGS)
def test_a_server_that_hangs_holds_up_nothing(
    world: World, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "STEP_S", 0.3)
    monkeypatch.setattr(smtp, "FAREWELL_S", 0.3)
    world.mail.hangs = place
    world.send()
    began = time.monotonic()
    with suppress(Unavailable):
        world.deliver()
    assert time.monotonic() - began < 3
    (row,) = world.rows()
    reasons = {"CONNECT": "", "EHLO": "", "TAKEN": "unanswered"}
    assert (row.reason, row.failed_at) == (reasons.get(place, "disconnected"), None)


@pytest.mark.parametrize("place", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "TAKEN"])
@pytest.mark.parametrize("code", [450, 550])
def test_every_answer_at_every_step_is_an_end(world: World, place: str, code: int) -> None:
    world.mail.says[place] = f"{code} no"
    if place == "EHLO":
        world.mail.says["HELO"] = f"{code} no"
    world.send()
    failed = ""
    try:
        world.deliver()
    except Unavailable as error:
        failed = error.code
    (row,) = world.rows()
    assert world.mail.taken == []
    if place in ("CONNECT", "EHLO"):
        assert (failed, row.tries) == ("message.server_unreachable", 0)
    elif (place, code) == ("MAIL", 550):
        assert (failed, row.tries) == ("message.server_sender", 0)
    else:
        assert (failed, row.reason) == ("", "not_now" if code == 450 else "refused")
        assert (row.failed_at is None) == (code == 450)


@pytest.mark.parametrize("place", ["CONNECT", "MAIL", "TAKEN"])
def test_ten_megabytes_of_an_answer_are_not_kept(world: World, place: str) -> None:
    line = "250-" + "x" * 500
    world.mail.says[place] = "\r\n".join([line.replace("250", "220")] * 20_000)
    world.send()
    tracemalloc.start()
    try:
        with suppress(Unavailable):
            world.deliver()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The server itself, in this process, holds what it says twice.
    assert most < 10_500_000 * 2 + 3_000_000, most
    (row,) = world.rows()
    assert row.failed_at is None


def test_one_address_that_is_refused_keeps_nobody_waiting(world: World) -> None:
    world.mail.refused["an@binhduong.gov.vn"] = "550 5.1.1 unknown"
    world.send("an")
    world.send("binh")
    world.deliver()
    assert [each.recipient for each in world.mail.taken] == ["binh@binhduong.gov.vn"]
    (row,) = world.rows()
    assert row.reason == "refused" and row.failed_at is not None
    with pytest.raises(NotWell, match="1 could not be sent, 0 wait"):
        checks.all_sent(world.installation)
    event = world.events("message.failed")[0]
    told = sentence(event, VOCABULARY, {event.subject: "Nguyễn Văn An"})
    assert "máy chủ thư từ chối" in told
    world.deliver()
    assert len(world.mail.taken) == 1
    world.change(failed_at=row.failed_at - queue.KEPT_MS - 1)
    with world.installation.database.write() as tx:
        queue.forget_old(tx)
    assert world.rows() == []


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"MAIL": "550 5.7.1 relaying denied"}, "message.server_sender"),
        ({"CONNECT": "554 no service"}, "message.server_unreachable"),
        ({"drops": "CONNECT"}, "message.server_unreachable"),
        ({"silent": "1"}, "message.server_unreachable"),
    ],
)
def test_a_server_that_takes_nothing_costs_no_message_anything(
    world: World, bad: dict[str, str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "STEP_S", 0.5)
    world.mail.drops, world.mail.silent = bad.pop("drops", ""), bool(bad.pop("silent", ""))
    world.mail.says.update(bad)
    for _ in range(2):
        world.send()
        with pytest.raises(Unavailable) as refused:
            world.deliver()
        assert refused.value.code == code
    assert [(row.tries, row.failed_at) for row in world.rows()] == [(0, None)] * 2
    world.mail.behave()
    assert checks.mail_server(world.installation).endswith("answers")
    world.deliver()
    assert len(world.mail.taken) == 2


def test_a_server_that_drips_is_cut_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "LETTER_S", 0.5)
    world.mail.says["RCPT"] = "250-slow\r\n250-slow"  # and never the last line
    world.send()
    began = time.monotonic()
    world.deliver()
    assert time.monotonic() - began < smtp.STEP_S / 2
    (row,) = world.rows()
    assert (row.tries, row.reason) == (1, "disconnected")


def test_what_comes_too_late_is_not_sent(world: World) -> None:
    world.mail.says["CONNECT"] = "554 no"
    world.send()
    world.change(expires_at=now_ms() - 1)
    world.deliver()
    (row,) = world.rows()
    assert row.reason == "expired" and world.events("message.failed")[0].fields["tries"] == 0
    world.mail.behave()
    world.deliver()
    assert world.mail.taken == []


def test_what_cannot_be_opened_or_written_fails_alone(world: World) -> None:
    for _ in range(3):
        world.send()
    first, second, _ = world.rows()
    with world.installation.database.write() as tx:
        here = update(message).where(message.c.id == first.id)
        tx.execute(here.values(content=second.content))  # sealed for another row
        tx.execute(update(message).where(message.c.id == second.id).values(kind="factor_added"))
    world.deliver()
    assert len(world.mail.taken) == 1
    assert [row.reason for row in world.rows()] == ["unreadable", "fault"]


def test_two_workers_never_send_the_same(world: World) -> None:
    for number in range(30):
        world.send(code=str(number))
    begin = threading.Barrier(3)

    def work() -> None:
        with opened(world.running.settings) as mine:
            begin.wait()
            deliver(mine, KINDS)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ids = [each.letter["Message-ID"] for each in world.mail.taken]
    assert len(ids) == 30 == len(set(ids))
    assert world.rows() == []


def test_who_comes_back_too_late_settles_nothing(world: World) -> None:
    world.send()
    database = world.installation.database
    with database.write() as tx:
        late = queue.claim(tx, "mail")
        assert late is not None and queue.claim(tx, "mail") is None
        tx.execute(update(message).values(due_at=0))
        again = queue.claim(tx, "mail")
    assert again is not None and again.id == late.id
    with database.write() as tx:
        assert not queue.done(tx, late) and not queue.fail(tx, late, "refused")
        queue.retry(tx, late, "not_now")
        assert queue.done(tx, again)


@pytest.mark.parametrize(
    ("point", "sent"), [("message.claimed", 1), ("message.sent", 2), ("message.settled", 1)]
)
def test_a_worker_that_is_killed_loses_nothing_and_repeats_what_was_in_flight(
    world: World, point: str, sent: int
) -> None:
    (world.running.settings.state / "demo").touch()
    with world.installation.database.write() as tx:
        send(tx, world.installation, PASSWORD_CHANGED, world.people["an"], at=now_ms())
        send(tx, world.installation, PASSWORD_CHANGED, world.people["binh"], at=now_ms())
    code = (
        "import os; from directory.installation import open_installation as o;"
        "from directory.settings import read_settings as r;"
        "from admin_ui.entries.messages import deliver; deliver(o(r(os.environ)))"
    )
    environ = {**world.running.environment, "DANHMUC_FAULT_POINT": point}
    died = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environ, check=False)
    assert died.returncode == -signal.SIGKILL
    (world.running.settings.state / "demo").unlink()
    world.deliver()  # the one in flight is not sent again yet
    of_an = [each for each in world.mail.taken if each.recipient == "an@binhduong.gov.vn"]
    assert len(of_an) == (point != "message.claimed")
    world.change(due_at=0)  # as if the claim had run out
    world.deliver()
    by_id = [each.letter["Message-ID"] for each in world.mail.taken]
    assert len(set(by_id)) == 2 and len(by_id) == sent + 1
    assert world.rows() == []


def test_without_a_mail_server_nothing_is_queued(world: World, tmp_path: Path) -> None:
    given = {"DANHMUC_STATE": str(world.running.settings.state)}
    with opened(read_settings({**world.running.given, "DANHMUC_SMTP_URL": ""} | given)) as other:
        with other.database.write() as tx:
            assert send(tx, other, PASSWORD_CHANGED, world.people["an"], at=1) == 0
        deliver(other, KINDS)
        assert "nobody is told" in checks.mail_server(other)


def test_settings_of_the_mail_server_are_judged_together() -> None:
    def problems(**given: str) -> list[str]:
        environ = {f"DANHMUC_SMTP_{name}": value for name, value in given.items()}
        try:
            read_settings({"DANHMUC_STATE": "/nonexistent", **environ})
        except ConfigurationProblems as found:
            return found.problems
        return []

    whole = {"URL": "smtps://thu.binhduong.gov.vn", "USER": "danhmuc", "PASSWORD": "x"}
    assert problems(**whole) == []
    assert len(problems(**{**whole, "PASSWORD": ""})) == 1
    assert len(problems(**{**whole, "PASSWORD": "mật khẩu"})) == 1
    assert len(problems(USER="danhmuc", PASSWORD="x")) == 1
    for url in ("thu.gov.vn", "http://thu.gov.vn", "smtp://a:b@thu.gov.vn", "smtp://thu.gov.vn/x"):
        assert len(problems(URL=url)) == 1, url
    for sender in ("a", "a@", "a\r\nBcc: b@c", "Tên <a@b.vn>"):
        assert len(problems(FROM=sender)) == 1, sender


def test_name_and_password_are_given_and_a_wrong_one_is_told(world: World) -> None:
    world.mail.wants = ("danhmuc", "right-one")

    def open_with(password: str) -> Installation:
        more = {"DANHMUC_SMTP_USER": "danhmuc", "DANHMUC_SMTP_PASSWORD": password}
        return stack_of(world, more)

    assert checks.mail_server(open_with("right-one")).endswith("answers")
    with pytest.raises(Unavailable) as refused:
        checks.mail_server(open_with("wrong-one"))
    assert refused.value.code == "message.server_login"
    assert "wrong-one" not in repr(refused.value) + refused.value.detail


def stack_of(world: World, more: dict[str, str]) -> Installation:
    """The world's installation with other settings."""
    settings = read_settings({**world.running.given, **more})
    found = world.installation
    return Installation(settings, found.database, found.keyring, found.ldap, found.credentials)


def test_every_kind_has_words_in_both_languages_and_a_sample(world: World) -> None:
    settings = world.installation.settings
    for kind in messages_of(COMPONENTS).values():
        for language in ("vi", "en"):
            values = {"username": "an.nv", **kind.sample}
            shown = letters.render(settings, kind, language, "Nguyễn Văn An", values)
            assert len(shown.subject) <= 78 and "{" not in shown.subject + shown.text, kind.name
        assert kind.vi != kind.en and kind.told[0] != kind.told[1]


def test_rows_are_counted_for_the_metrics(world: World) -> None:
    world.send()
    with world.installation.database.read() as tx:
        assert (queue.count_waiting(tx), queue.count_failed(tx)) == (1, 0)
        assert tx.execute(select(func.count()).select_from(message)).scalar_one() == 1


def test_what_failed_is_listed_without_what_it_says_and_sent_after_all(world: World) -> None:
    world.mail.refused["an@binhduong.gov.vn"] = "550 5.1.1 unknown"
    world.send("an")
    world.send("an")
    world.deliver()
    world.send("binh")
    world.mail.behave()
    installation = world.installation
    found = service.list_messages(installation, OPERATOR)
    assert [each.message.failed_at is None for each in found] == [False, False, True]
    assert found[0].person is not None and found[0].person.username == "an"
    assert (
        "K7RQ" not in repr(found)
        and len(service.list_messages(installation, OPERATOR, failed_only=True)) == 2
    )
    service.retry(installation, OPERATOR, found[0].message.id)
    assert world.events("message.retried")[0].subject == f"person:{world.people['an']}"
    for unknown in (found[0].message.id, found[2].message.id, "x" * 99, ""):
        with pytest.raises(NotFound):
            service.retry(installation, OPERATOR, unknown)
    world.deliver()
    assert len(world.mail.taken) == 2
    assert service.retry_all(installation, OPERATOR) == 1
    world.deliver()
    assert len(world.mail.taken) == 3 and world.rows() == []
    nobody = Actor("person", world.people["an"])
    for refused in (service.list_messages, service.retry_all):
        with pytest.raises(Forbidden):
            refused(installation, nobody)
