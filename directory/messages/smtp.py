"""Speaking to the mail server (RFC 5321): one connection, one letter after the other.

The server is the operators' own choice, so the list of allowed addresses is not asked. It is never
spoken to in the clear but on this machine: ``smtps://`` is TLS from the beginning, ``smtp://``
demands STARTTLS.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
_OVER = 421  # RFC 5321 section 3.8: the server ends the connection


class MailServer:
    """An open connection."""

    def __init__(self, settings: Settings, client: smtplib.SMTP) -> None:
        self._settings = settings
        self._client = client

    def send(self, recipient: str, letter: bytes) -> Answer:
        """Hand a letter over, within `LETTER_S`. Raises Unavailable(``message.server_sender``)
        where it is not the letter's fault: the server takes nothing of ours."""
        try:
            with _cut_off(self._client, LETTER_S):
                return self._send(recipient, letter)
        except smtplib.SMTPDataError as error:
            return self._judged(error.smtp_code)
        except (OSError, smtplib.SMTPException):
            # Whether it was taken nobody knows: it is sent again.
            return Answer("later", "disconnected", ends=True)

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
            code, _ = self._client.data(letter)
            if code == 250:
                return Answer("sent")
        return self._judged(code)

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
        client = smtplib.SMTP_SSL(timeout=STEP_S, context=context, local_hostname=ours)
    else:
        client = smtplib.SMTP(timeout=STEP_S, local_hostname=ours)
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
