"""A mail server on loopback (RFC 5321) that keeps what it takes, and behaves as badly as told.

`says`: by verb, what it answers instead. `refused`: addresses it takes nothing for. `drops`: where
it ends the connection without a word: ``"CONNECT"``, ``"MAIL"``, ``"DATA"`` (in the middle of the
letter), ``"ACCEPTED"`` (it has taken the letter, and does not say so). `hangs`: before which answer
it says nothing more. `silent`: it never says another word. `wants`: name and password. `tls`: what
it encrypts with, from the beginning or, with `starttls`, when asked; `in_clear`: the verbs it heard
before.
"""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

from tests.support.ports import free_port


@dataclass(frozen=True)
class Taken:
    """A letter that was taken, and for whom."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def letter(self) -> EmailMessage:
        found = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def name(self) -> str:
        """What whom it is for is called. The newer reader puts blanks between encoded words, which
        RFC 2047 section 6.2 forbids."""
        written = str(message_from_bytes(self.raw)["To"])
        return str(make_header(decode_header(written.rpartition("<")[0].strip())))

    @property
    def text(self) -> str:
        return str(self.letter.get_content())


@dataclass
class MailServer:
    port: int = field(default_factory=free_port)
    taken: list[Taken] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    drops: str = ""
    hangs: str = ""
    silent: bool = False
    wants: tuple[str, str] | None = None
    tls: ssl.SSLContext | None = None
    starttls: bool = False
    in_clear: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def behave(self) -> None:
        """As a mail server should, with nothing in it."""
        self.taken.clear()
        self.says.clear()
        self.refused.clear()
        self.drops, self.silent, self.wants, self.connections = "", False, None, 0
        self.hangs = ""
        self.tls, self.starttls = None, False
        self.in_clear.clear()

    @contextmanager
    def listening(self) -> Iterator[MailServer]:
        """Answer while the block lasts."""
        mail = self

        class Conversation(_Conversation):
            server_of = mail

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        with Server(("127.0.0.1", self.port), Conversation) as server:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            try:
                yield self
            finally:
                server.shutdown()


class _Dropped(Exception):
    pass


class _Conversation(socketserver.StreamRequestHandler):
    server_of: MailServer
    timeout = 20
    sender = recipient = ""

    def handle(self) -> None:
        self.server_of.connections += 1
        try:
            if self.server_of.tls and not self.server_of.starttls:
                self._encrypt()
            self._drop_at("CONNECT")
            self._say("CONNECT", "220 test ESMTP")
            while line := self.rfile.readline():
                words = line.decode().split()
                verb = words[0].upper()
                if not isinstance(self.connection, ssl.SSLSocket):
                    self.server_of.in_clear.append(verb)
                self._drop_at(verb if verb != "DATA" else "")
                if verb == "QUIT":
                    self._say(verb, "221 bye")
                    return
                getattr(self, f"_{verb.lower()}", self._other)(verb, line.decode().strip())
        except (_Dropped, OSError):
            return

    def _say(self, verb: str, answer: str) -> bool:
        if self.server_of.silent or self.server_of.hangs == verb:
            threading.Event().wait(20)
        answer = self.server_of.says.get(verb, answer)
        self.wfile.write(answer.encode() + b"\r\n")
        if answer.startswith("421"):
            raise _Dropped
        return answer[0] in "23"

    def _drop_at(self, place: str) -> None:
        if place and self.server_of.drops == place:
            raise _Dropped

    def _other(self, verb: str, _line: str) -> None:
        self._say(verb, "250 ok")

    def _ehlo(self, verb: str, _line: str) -> None:
        more = b"250-AUTH PLAIN\r\n" if self.server_of.wants else b""
        if self.server_of.starttls and not isinstance(self.connection, ssl.SSLSocket):
            more += b"250-STARTTLS\r\n"
        self.wfile.write(b"250-test\r\n" + more)
        self._say(verb, "250 8BITMIME")

    def _starttls(self, verb: str, _line: str) -> None:
        self._say(verb, "220 go on")
        self._encrypt()

    def _encrypt(self) -> None:
        assert self.server_of.tls
        self.connection = self.server_of.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)

    def _auth(self, verb: str, line: str) -> None:
        given = base64.b64decode(line.split()[2]).decode().split("\0")[1:]
        right = tuple(given) == self.server_of.wants
        self._say(verb, "235 welcome" if right else "535 no")

    def _mail(self, verb: str, line: str) -> None:
        self.sender = line.partition("<")[2].partition(">")[0]
        self._say(verb, "250 ok")

    def _rcpt(self, verb: str, line: str) -> None:
        self.recipient = line.partition("<")[2].partition(">")[0]
        self._say(verb, self.server_of.refused.get(self.recipient, "250 ok"))

    def _data(self, verb: str, _line: str) -> None:
        if not self._say(verb, "354 go on"):
            return
        self._drop_at("DATA")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        answer = self.server_of.says.get("TAKEN", "250 taken")
        if answer.startswith("250"):
            self.server_of.taken.append(Taken(self.sender, self.recipient, b"".join(lines)))
        self._drop_at("ACCEPTED")
        self._say("TAKEN", answer)
