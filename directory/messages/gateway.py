"""Asking an SMS or Zalo gateway to send a text: one HTTP request, as a file describes it.

    url: https://sms.example.vn/api/send
    method: POST                            # as nothing else is said
    headers: {Authorization: "Bearer {token}"}
    body: {to: "{to}", text: "{text}", ref: "{id}"}   # JSON; `form:` in its place for a form
    secrets: {token: /etc/danhmuc/sms-token}          # a name, and the file that holds it
    answer_id: /data/id                     # where a JSON answer has its id (RFC 6901)
    marks: false                            # Vietnamese without diacritics
    most_parts: 2                           # a longer text is cut

Names in braces are ``to`` (+84903123456), ``to_digits`` (84903123456), ``to_national``
(0903123456), ``text``, ``id`` (ours, the same at every try) and those of `secrets`; a secret never
stands in the address, which servers write into their logs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import yaml

from directory.errors import Forbidden, Invalid, Unavailable
from directory.messages.answers import Answer
from directory.messages.errors import (
    MESSAGE_GATEWAY_FILE,
    MESSAGE_GATEWAY_REFUSES,
    MESSAGE_GATEWAY_TOKEN,
    MESSAGE_GATEWAY_UNREACHABLE,
)
from directory.messages.texts import size_of
from directory.outbound.client import Connections
from directory.outbound.errors import Unreached
from directory.outbound.templates import Body, Known, Pointer, Text, as_text, find_pointer
from directory.settings import Settings, is_loopback
from directory.text import clean

# A text of which nobody said that it was taken is paid for each time it is sent again.
MOST_UNANSWERED = 3
_MOST_BYTES = 64 * 1024
_MOST_ID_CHARS = 100
_MOST_SECRET_CHARS = 8000
_METHODS = ("POST", "PUT", "GET")
_KEYS = frozenset(
    ("url", "method", "headers", "body", "form", "secrets", "answer_id", "marks", "most_parts")
)
_OURS = frozenset({"to", "to_digits", "to_national", "text", "id"})
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_NOT_OURS = ("host", "content-length", "transfer-encoding", "connection", "content-type")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_DEEPEST = 10
# Not what a gateway says of one text, but of the request: none of ours will be taken.
_OF_TOKEN = frozenset({401, 403})
_CONFIGURATION = frozenset({404, 405, 407, 415})
_IN_DOUBT = frozenset({408, 504})


@dataclass(frozen=True)
class Definition:
    """What the file says. `body` or `form`: the latter with texts alone."""

    url: Text
    method: str
    headers: Mapping[str, Text]
    body: Body | None
    form: Mapping[str, Text] | None
    secrets: Mapping[str, Path]
    answer_id: Pointer
    marks: bool
    most_parts: int

    @property
    def origin(self) -> str:
        """The address without what stands behind the host."""
        parts = urlsplit(self.url.source)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def server(self) -> str:
        """The gateway's name, for people."""
        return urlsplit(self.url.source).netloc

    def read_secrets(self) -> Mapping[str, str]:
        """Anew each time: a token that is renewed by others counts from the next run. Raises
        Unavailable."""
        return {name: _read_secret(name, path) for name, path in self.secrets.items()}


class Gateway:
    """The gateway, for the texts of one run."""

    def __init__(self, settings: Settings, definition: Definition) -> None:
        self.definition = definition
        self._secrets = definition.read_secrets()
        self._connections = Connections(settings)

    def send(self, message_id: str, number: str, text: str, tries: int) -> Answer:
        """Have a text sent that was tried so often. Raises Unavailable where it is not the text's
        fault: nothing of ours is taken, or nobody is there."""
        server = self.definition.server
        try:
            response = self._ask(message_id, number, text)
        except (Forbidden, Invalid, Unreached) as error:
            raise Unavailable(
                MESSAGE_GATEWAY_UNREACHABLE, server=server, detail=error.code
            ) from error
        except Unavailable:
            return _doubt(0, tries)
        status, body = response
        if 200 <= status < 300:
            remote_id = _id_in(body, self.definition.answer_id)
            if not remote_id:
                # It may have been taken; whether it is sent again somebody decides.
                return Answer("never", "sms_no_id", status)
            return Answer("sent", "", status, remote_id=remote_id, parts=size_of(text).parts)
        if status in _IN_DOUBT:
            return _doubt(status, tries)
        if status == 429 or status >= 500:
            return Answer("later", "not_now", status, ends=True)
        if status in _OF_TOKEN:
            raise Unavailable(MESSAGE_GATEWAY_TOKEN, server=server, status=status)
        if status < 400 or status in _CONFIGURATION:
            raise Unavailable(MESSAGE_GATEWAY_REFUSES, server=server, status=status)
        return Answer("never", "sms_refused", status)

    def _ask(self, message_id: str, number: str, text: str) -> tuple[int, bytes]:
        known: dict[str, object] = {
            "to": number,
            "to_digits": number.lstrip("+"),
            "to_national": f"0{number[3:]}",
            "text": text,
            "id": message_id,
        }
        encoded = {name: quote(as_text(value), safe="") for name, value in known.items()}
        known |= self._secrets
        asked = self.definition
        headers = {name: value.text(known) for name, value in asked.headers.items()}
        body = _body(asked, known)
        if body is not None:
            kind = "application/x-www-form-urlencoded" if asked.form else "application/json"
            headers["Content-Type"] = kind
        response = self._connections.send(
            asked.method, asked.url.text(encoded), headers=headers, body=body
        )
        return response.status, response.body


def read(settings: Settings) -> Definition:
    """What the file says. Raises Unavailable, with what is wrong in it."""
    try:
        raw = Path(str(settings.sms_file)).read_bytes()
    except OSError as error:
        raise _wrong(f"it cannot be read ({error.strerror})") from error
    if len(raw) > _MOST_BYTES:
        raise _wrong(f"more than {_MOST_BYTES} bytes")
    try:
        text = raw.decode("utf-8")
        if any(isinstance(each, yaml.AliasEvent) for each in yaml.parse(text)):
            raise _wrong("aliases (*name) are not read")
        document = yaml.safe_load(text)
    except (UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        # What stands there may be a secret that somebody wrote into it.
        raise _wrong("it is not YAML in UTF-8") from error
    return read_document(document)


def read_document(document: object) -> Definition:
    """What a document says. Raises Unavailable."""
    if not isinstance(document, dict):
        raise _wrong("it must hold names with values")
    if unknown := sorted(str(key) for key in document.keys() - _KEYS):
        raise _wrong(f"{unknown[0]} is not known")
    secrets = _secrets(document.get("secrets", {}))
    form = document.get("form")
    definition = Definition(
        Text(_url(document.get("url"))),
        _one_of(document.get("method", "POST"), "method", _METHODS),
        _headers(document.get("headers", {})),
        Body(_tree(document["body"]), leaves_out=False) if "body" in document else None,
        None if form is None else _texts(form, "form"),
        secrets,
        _pointer(document.get("answer_id")),
        _is(document.get("marks", True), "marks"),
        _parts(document.get("most_parts", 3)),
    )
    _require_whole(definition)
    return definition


def _require_whole(found: Definition) -> None:
    if found.body is not None and found.form is not None:
        raise _wrong("body and form exclude each other")
    if found.method == "GET" and (found.body is not None or found.form is not None):
        raise _wrong("GET has no body")
    in_body = found.body.names() if found.body else set()
    in_body |= {name for text in (found.form or {}).values() for name in text.names()}
    in_headers = {name for text in found.headers.values() for name in text.names()}
    in_url = found.url.names()
    if unknown := sorted((in_body | in_headers | in_url) - _OURS - found.secrets.keys()):
        raise _wrong(f"{{{unknown[0]}}} is not known")
    if in_url & found.secrets.keys():
        raise _wrong("a secret must not stand in url")
    if in_headers & {"text"}:
        raise _wrong("{text} must not stand in headers")
    if "text" not in in_body | in_url or not (in_body | in_url) & {*_OURS - {"text", "id"}}:
        raise _wrong("url, body or form must hold {text} and {to}")


def _url(value: object) -> str:
    parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
    is_plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if not (parts.scheme == "https" or is_plain) or not parts.hostname or "{" in parts.netloc:
        raise _wrong("url must be https://…, its host without names in braces")
    if "@" in parts.netloc or parts.fragment or re.search(r"[\x00-\x20\x7f]", str(value)):
        raise _wrong("url holds what cannot stand in one")
    return str(value)


def _headers(value: object) -> Mapping[str, Text]:
    found = _texts(value, "headers")
    for name, text in found.items():
        if not _HEADER.fullmatch(name) or name.lower() in _NOT_OURS:
            raise _wrong(f"headers: {name} cannot be set")
        if not (text.source.isascii() and text.source.isprintable()):
            raise _wrong(f"headers: {name} must be plain ASCII")
    return found


def _texts(value: object, place: str) -> Mapping[str, Text]:
    if not isinstance(value, dict) or not all(
        isinstance(each, str | int) and isinstance(key, str) for key, each in value.items()
    ):
        raise _wrong(f"{place} must hold names with texts")
    return {key: Text(as_text(each)) for key, each in value.items()}


def _tree(value: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        raise _wrong("body is too deep")
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, list):
        return [_tree(each, depth + 1) for each in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _tree(each, depth + 1) for key, each in value.items()}
    if value is None or isinstance(value, bool | int | float):
        return value
    raise _wrong("body holds what JSON has no word for")


def _secrets(value: object) -> Mapping[str, Path]:
    found = _texts(value, "secrets")
    for name, path in found.items():
        if not _NAME.fullmatch(name) or name in _OURS or not path.source.startswith("/"):
            raise _wrong("secrets must hold names with the whole paths of files")
    return {name: Path(path.source) for name, path in found.items()}


def _pointer(value: object) -> Pointer:
    found = find_pointer(value) if isinstance(value, str) else None
    if found is None:
        raise _wrong("answer_id must be a JSON pointer, such as /data/id")
    return found


def _one_of(value: object, place: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise _wrong(f"{place} must be one of {', '.join(allowed)}")
    return str(value)


def _is(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(f"{place} must be true or false")
    return value


def _parts(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 10:
        raise _wrong("most_parts must be a number from 1 to 10")
    return value


def _read_secret(name: str, path: Path) -> str:
    try:
        is_open = bool(path.stat().st_mode & 0o007)
        value = path.read_bytes()[: _MOST_SECRET_CHARS + 1].decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(f"the file of the secret {name} cannot be read") from error
    if is_open:
        raise _wrong(f"everybody on this machine may read the secret {name}: chmod o= its file")
    if not value or len(value) > _MOST_SECRET_CHARS or not value.isprintable():
        raise _wrong(f"the secret {name} must be one line of plain ASCII")
    return value


def _body(asked: Definition, known: Known) -> bytes | None:
    if asked.form is not None:
        return urlencode({key: text.text(known) for key, text in asked.form.items()}).encode()
    if asked.body is not None:
        return json.dumps(asked.body.document(known), ensure_ascii=False).encode()
    return None


def _id_in(body: bytes, pointer: Pointer) -> str:
    try:
        found = pointer.find(json.loads(body))
    except (ValueError, RecursionError):
        return ""
    is_one = isinstance(found, str | int) and not isinstance(found, bool)
    return clean(str(found))[:_MOST_ID_CHARS] if is_one else ""


def _doubt(status: int, tries: int) -> Answer:
    """Whether it was taken nobody knows: it is sent again, under the same id, but not for ever."""
    if tries + 1 >= MOST_UNANSWERED:
        return Answer("never", "sms_unanswered", status, ends=True)
    return Answer("later", "unanswered", status, ends=True)


def _wrong(problem: str) -> Unavailable:
    return Unavailable(MESSAGE_GATEWAY_FILE, problem=problem, detail=problem)
