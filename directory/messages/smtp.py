"""Speaking to the mail server (RFC 5321): one connection, one letter after the other.

The server is the operators' own choice, so the list of allowed addresses is not asked. It is never
spoken to in the clear but on this machine: ``smtps://`` is TLS from the beginning, ``smtp://``
demands STARTTLS.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol
from urllib.parse import urlsplit

from directory.errors import Unavailable
from directory.messages.answers import Answer
from directory.messages.errors import (
    MESSAGE_SERVER_LOGIN,
    MESSAGE_SERVER_SENDER,
    MESSAGE_SERVER_TLS,
    MESSAGE_SERVER_UNREACHABLE,
)
from directory.settings import Settings, is_loopback

PORTS = {"smtp": 587, "smtps": 465}
STEP_S = 15.0
GREETING_S = 30.0
LETTER_S = 60.0
FAREWELL_S = 3.0
# Of one answer: RFC 5321 section 4.5.3.1.5 wants 512 a line; a list of what a server can is longer.
MOST_REPLY_BYTES = 64 * 1024
_FULL_STOP = re.compile(rb"^\.", re.MULTILINE)
_OVER = 421  # RFC 5321 section 3.8: the server ends the connection


class _File(Protocol):
    def readline(self, limit: int, /) -> bytes: ...

    def close(self) -> None: ...


class _Replies:
    """What a server says: smtplib bounds each line, and keeps as many as are sent."""

    def __init__(self, file: _File) -> None:
        self._file = file
        self.left = MOST_REPLY_BYTES

    def readline(self, limit: int) -> bytes:
        line = self._file.readline(limit)
        self.left -= len(line)
        if self.left < 0:
            raise OSError("an answer without an end")
        return line

    def close(self) -> None:
        self._file.close()


class _Client(smtplib.SMTP):
    """One that reads no answer without an end."""

    file: _Replies | None

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Replies(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.left = MOST_REPLY_BYTES
        return super().getreply()


class _TlsClient(_Client, smtplib.SMTP_SSL):
    """The same, encrypted from the beginning."""


class MailServer:
    """An open connection."""

    def __init__(self, settings: Settings, client: smtplib.SMTP) -> None:
        self._settings = settings
        self._client = client
        self._is_handed_over = False

    def send(self, recipient: str, letter: bytes) -> Answer:
        """Hand a letter over, within `LETTER_S`. Raises Unavailable(``message.server_sender``)
        where it is not the letter's fault: the server takes nothing of ours. ``unanswered``: the
        whole letter was sent, and whether it was taken nobody knows."""
        self._is_handed_over = False
        try:
            with _cut_off(self._client, LETTER_S):
                return self._send(recipient, letter)
        except (OSError, smtplib.SMTPException):
            reason = "unanswered" if self._is_handed_over else "disconnected"
            return Answer("later", reason, ends=True)

    def check(self) -> None:
        """Say something harmless."""
        self._client.noop()

    def _send(self, recipient: str, letter: bytes) -> Answer:
        sender = self._settings.smtp_from
        code, said = self._client.mail(sender)
        if code >= 500:
            detail = f"{code} {_text(said)}"
            server = told_of(self._settings)
            raise Unavailable(MESSAGE_SERVER_SENDER, server=server, sender=sender, detail=detail)
        if code == 250:
            code, _ = self._client.rcpt(recipient)
        if code in (250, 251):
            code, _ = self._client.docmd("DATA")
        if code == 354:
            code = self._hand_over(letter)
            if code == 250:
                return Answer("sent")
        return self._judged(code)

    def _hand_over(self, letter: bytes) -> int:
        """RFC 5321 section 4.5.2; what counts is that the last line is a full stop alone."""
        whole = letter if letter.endswith(b"\r\n") else letter + b"\r\n"
        self._client.send(_FULL_STOP.sub(b"..", whole))
        self._is_handed_over = True
        self._client.send(b".\r\n")
        return self._client.getreply()[0]

    def _judged(self, code: int) -> Answer:
        if code == _OVER:
            return Answer("later", "not_now", code, ends=True)
        with suppress(OSError, smtplib.SMTPException):
            self._client.rset()
        if 500 <= code < 600:
            return Answer("never", "refused", code)
        return Answer("later", "not_now", code)


@contextmanager
def connected(settings: Settings) -> Iterator[MailServer]:
    """A connection to the mail server while the block lasts. Raises Unavailable."""
    client = _connect(settings)
    try:
        yield MailServer(settings, client)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            if client.sock is not None:
                client.sock.settimeout(FAREWELL_S)
                client.quit()
        client.close()


def told_of(settings: Settings) -> str:
    """The server's name and port, for people."""
    host, port = _place(settings)
    return f"{host}:{port}"


def _place(settings: Settings) -> tuple[str, int]:
    parts = urlsplit(settings.smtp_url)
    return str(parts.hostname), parts.port or PORTS[parts.scheme]


def _connect(settings: Settings) -> smtplib.SMTP:
    server, (host, port) = told_of(settings), _place(settings)
    context = ssl.create_default_context(cafile=settings.smtp_ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    ours = urlsplit(settings.issuer).hostname
    client: smtplib.SMTP
    if settings.smtp_url.startswith("smtps:"):
        client = _TlsClient(timeout=STEP_S, context=context, local_hostname=ours)
    else:
        client = _Client(timeout=STEP_S, local_hostname=ours)
    # Whose certificate is wanted: the constructor would note it, and connect at once, when nothing
    # can cut it off yet.
    client._host = host  # type: ignore[attr-defined]
    try:
        with _cut_off(client, GREETING_S):
            _greet(settings, client, host, port, context)
        return client
    except ssl.SSLError as error:
        client.close()
        raise Unavailable(MESSAGE_SERVER_TLS, server=server, detail=str(error)) from error
    except smtplib.SMTPAuthenticationError as error:
        client.close()
        detail = str(error.smtp_code)
        raise Unavailable(MESSAGE_SERVER_LOGIN, server=server, detail=detail) from error
    except smtplib.SMTPNotSupportedError as error:
        client.close()
        code = MESSAGE_SERVER_LOGIN if "AUTH" in str(error) else MESSAGE_SERVER_TLS
        raise Unavailable(code, server=server, detail=str(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        client.close()
        detail = type(error).__name__
        raise Unavailable(MESSAGE_SERVER_UNREACHABLE, server=server, detail=detail) from error


def _greet(
    settings: Settings, client: smtplib.SMTP, host: str, port: int, context: ssl.SSLContext
) -> None:
    code, _ = client.connect(host, port)
    if code != 220:
        raise smtplib.SMTPConnectError(code, b"")
    client.ehlo_or_helo_if_needed()
    if settings.smtp_url.startswith("smtp:") and not is_loopback(host):
        client.starttls(context=context)
        client.ehlo_or_helo_if_needed()
    if settings.smtp_user:
        client.login(settings.smtp_user, settings.smtp_password)


@contextmanager
def _cut_off(client: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Shut the connection down when time is up: socket timeouts bound the wait between two bytes
    only, and a server that drips one now and then would hold the worker for ever."""
    timer = threading.Timer(seconds, _shut_down, (client,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut_down(client: smtplib.SMTP) -> None:
    if client.sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(client.sock, socket.SHUT_RDWR)


def _text(said: bytes) -> str:
    return said.decode("ascii", "replace")[:200]
