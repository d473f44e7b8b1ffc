"""The demo's mail server: it keeps the last mails in memory, sends none on, and shows them.

One port of this machine for both: a browser speaks first, a mail client waits to be greeted (RFC
5321 section 3.1). Whoever says nothing for a second is greeted.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import sys
from collections import deque
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

KEPT = 200
_LARGEST = 1024 * 1024
_SILENCE_S = 1.0
_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_PATIENCE_S = 60.0
_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color: #1c2430; background: #f4f6f9; }
h1 { font-size: 1.5rem; margin: 0; }
p.lead { margin: .25rem 0 1.5rem; color: #4a5566; }
details { background: #fff; border: 1px solid #c9d1dc; border-radius: 6px; margin: 0 0 .75rem; }
summary { padding: .75rem 1rem; cursor: pointer; }
summary span { display: block; color: #4a5566; overflow-wrap: anywhere; }
pre { margin: 0; padding: 1rem; border-top: 1px solid #c9d1dc; white-space: pre-wrap;
  overflow-wrap: anywhere; font: inherit; }
a { color: #0b4f8a; }
"""
_PAGE = """<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hộp thư mẫu</title>
<link rel="stylesheet" href="/style.css">
<main>
<h1>Hộp thư mẫu <small lang="en">· Sample mailbox</small></h1>
<p class="lead">Mọi thư mà hệ thống mẫu gửi đi đều dừng ở đây, mới nhất trước.
<span lang="en">Every mail of the demo ends here, the newest first.</span>
<a href="/">Tải lại <span lang="en">· Reload</span></a></p>
%s
</main>
</html>
"""
_NONE = '<p>Chưa có thư nào. <span lang="en">No mail yet.</span></p>'
_ANSWERS = {"EHLO": "250 8BITMIME", "HELO": "250 demo", "RSET": "250 ok", "NOOP": "250 ok"}


@dataclass(frozen=True)
class Mail:
    """One that was taken."""

    recipient: str
    raw: bytes

    def as_html(self) -> str:
        """For the page: folded up, but for its subject and whom it is for."""
        plain = message_from_bytes(self.raw)
        subject = str(make_header(decode_header(str(plain["Subject"] or ""))))
        shown = (subject, self.recipient, _when(str(plain["Date"] or "")), self._text())
        return (
            "<details><summary><strong>{}</strong><span>{} · {}</span></summary>"
            "<pre>{}</pre></details>"
        ).format(*map(html.escape, shown))

    def _text(self) -> str:
        found = message_from_bytes(self.raw, policy=policy.default)
        try:
            part = found.get_body(("plain",)) if isinstance(found, EmailMessage) else None
            return str(part.get_content()) if isinstance(part, EmailMessage) else ""
        except (KeyError, LookupError, ValueError):
            return ""


class Catcher:
    """What was caught, and how it is spoken to."""

    def __init__(self, port: int) -> None:
        self._mails: deque[Mail] = deque(maxlen=KEPT)
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SILENCE_S):
                first = await reader.readline()
        except TimeoutError:
            await self._take_mail(reader, writer)
            return
        if first:
            writer.write(await self._page(reader, first.decode("latin-1")))
            await writer.drain()

    async def _page(self, reader: asyncio.StreamReader, first: str) -> bytes:
        host = ""
        while (line := (await reader.readline()).decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            host = value.strip() if name.lower() == "host" else host
        method, _, rest = first.partition(" ")
        path = rest.partition(" ")[0]
        # Another site's name that leads to this machine reads nothing here.
        if host not in self._hosts or method != "GET":
            return _response("404 Not Found", "text/plain", "")
        if path == "/style.css":
            return _response("200 OK", "text/css", _STYLE)
        if path != "/":
            return _response("404 Not Found", "text/plain", "")
        mails = "\n".join(mail.as_html() for mail in reversed(self._mails))
        return _response("200 OK", "text/html", _PAGE % (mails or _NONE))

    async def _take_mail(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipients: list[str] = []
        await _say(writer, "220 demo ESMTP")
        while line := (await reader.readline()).decode("latin-1").strip():
            verb = line.split()[0].upper()
            if verb == "QUIT":
                await _say(writer, "221 bye")
                return
            if verb == "DATA":
                await self._take_data(reader, writer, recipients)
            elif verb in ("MAIL", "RCPT"):
                recipients = [] if verb == "MAIL" else [*recipients, _address(line)]
                await _say(writer, "250 ok")
            else:
                await _say(writer, _ANSWERS.get(verb, "502 not here"))

    async def _take_data(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, recipients: list[str]
    ) -> None:
        await _say(writer, "354 go on")
        lines: list[bytes] = []
        size = 0
        while (line := await reader.readline()) != b".\r\n":
            size += len(line)
            if not line or size > _LARGEST:
                raise ValueError("ended, or too large")
            lines.append(line.removeprefix(b"."))
        self._mails += [Mail(each, b"".join(lines)) for each in recipients]
        await _say(writer, "250 kept")


async def _say(writer: asyncio.StreamWriter, answer: str) -> None:
    writer.write(answer.encode() + b"\r\n")
    await writer.drain()


def _when(written: str) -> str:
    try:
        return parsedate_to_datetime(written).astimezone(_VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
    except ValueError:
        return written


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]


def _response(status: str, content_type: str, text: str) -> bytes:
    body = text.encode()
    head = (
        f"HTTP/1.1 {status}",
        f"Content-Type: {content_type}; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Content-Security-Policy: default-src 'none'; style-src 'self'; frame-ancestors 'none'",
        "X-Content-Type-Options: nosniff",
        "Referrer-Policy: no-referrer",
        "Cache-Control: no-store",
        "Connection: close",
    )
    return "\r\n".join((*head, "", "")).encode() + body


async def _run(port: int) -> None:
    server = await asyncio.start_server(Catcher(port).serve, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(int(sys.argv[1])))
