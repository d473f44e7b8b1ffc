"""Making a letter of a kind and its values (RFC 5322, RFC 2047), at the moment it is sent."""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Mapping
from dataclasses import dataclass
from email.header import Header
from email.utils import formatdate

from directory.clock import SECOND, local
from directory.message_kinds import MessageKind, Value
from directory.messages.queue import Content
from directory.settings import Settings
from directory.text import clean

# What every mail server takes without extensions (RFC 5321 section 4.1.2, dot-string).
_MAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_END, _FOLD = "\r\n", "\r\n "
_GREETING = {"vi": "Kính gửi Anh/Chị {name},", "en": "Dear {name},"}
_CLOSING = {
    "vi": (
        "Thư này do hệ thống gửi tự động, xin đừng trả lời. Cần giúp đỡ, xin gọi {operator}, số "
        "{phone}.\n\nDanh Mục {province}"
    ),
    "en": (
        "This message was sent by a machine; please do not answer it. For help call {operator}, "
        "{phone}.\n\nDanh Mục {province}"
    ),
}


@dataclass(frozen=True)
class Rendered:
    """What somebody reads."""

    subject: str
    text: str
    language: str


def is_address(mail: str) -> bool:
    """Whether a server can be asked to take a letter for it."""
    return _MAIL.fullmatch(mail) is not None


def render(
    settings: Settings, kind: MessageKind, language: str, name: str, values: Mapping[str, Value]
) -> Rendered:
    """The words of a message in Vietnamese, or English."""
    language = language if language in _GREETING else "vi"
    letter = kind.en if language == "en" else kind.vi
    known = {each: told(value, language) for each, value in values.items()}
    closing = _CLOSING[language].format(
        operator=settings.operator_name,
        phone=settings.operator_phone,
        province=settings.province,
    )
    greeting = _GREETING[language].format(name=clean(name))
    body = letter.body.format_map(known)
    text = f"{greeting}\n\n{body}\n\n-- \n{closing}\n"
    return Rendered(clean(letter.subject.format_map(known)), text, language)


def letter_of(
    settings: Settings, message_id: str, created_at: int, content: Content, rendered: Rendered
) -> bytes:
    """The letter as it is sent. Raises ValueError for an address that is none."""
    if not is_address(content.mail):
        raise ValueError("not an address")
    sender = settings.smtp_from
    head = (
        f"From: {_words(f'Danh Mục {settings.province}')}{_FOLD}<{sender}>",
        f"To: {_words(content.name)}{_FOLD}<{content.mail}>",
        f"Subject: {_words(rendered.subject)}",
        f"Date: {formatdate(created_at / SECOND)}",
        # The same at every try, so that whoever gets two sees that they are one.
        f"Message-ID: <{message_id}@{sender.rpartition('@')[2]}>",
        "Auto-Submitted: auto-generated",  # RFC 3834: no out-of-office answers
        f"Content-Language: {rendered.language}",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
    )
    body = encodebytes(rendered.text.replace("\n", _END).encode()).decode().splitlines()
    return _END.join((*head, "", *body, "")).encode("ascii")


def _words(text: str) -> str:
    """Encoded words (RFC 2047), whatever the text: nothing in it is a line break, a quote or an
    encoded word of its own. `email.message.EmailMessage` decodes what looks like one in a name, and
    loses blanks where it folds."""
    return Header(clean(text), "utf-8", header_name="Subject").encode(linesep=_END)


def told(value: Value, language: str) -> str:
    """A value as it is read."""
    if isinstance(value, int):
        return local(value)
    if isinstance(value, tuple):
        return value[language == "en"]
    return clean(value)
