"""JSON over HTTP with a target, by the one client for requests to others.

Nothing of an answer is believed beyond its form: a status, and JSON that is small, finite and not
deep. HTML, a redirect or a page that is too long is the target's fault, and told as such.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from directory.clock import SECOND, now_ms
from directory.errors import AppError
from directory.outbound.client import Connections, Response
from sync.engine.target import Unreachable

_LONGEST_ID = 500
_LARGEST_ID = 10**18


def send(
    connections: Connections,
    method: str,
    url: str,
    headers: Mapping[str, str],
    document: object = None,
    *,
    cut_at: int | None = None,
) -> Response:
    """Ask, with a JSON document where there is one. Raises Unreachable when nothing came back.
    `cut_at`: no more of the answer is wanted."""
    body = None if document is None else json.dumps(document, ensure_ascii=False).encode()
    try:
        return connections.send(method, url, headers=headers, body=body, cut_at=cut_at)
    except AppError as error:
        raise Unreachable(f"{error.code} {error.detail}".strip()) from error


def json_of(answer: Response) -> Any:
    """What it says. Raises Unreachable when that is no JSON."""
    try:
        return _parsed(answer.body)
    except (ValueError, RecursionError):
        raise Unreachable(f"HTTP {answer.status} with something that is no JSON") from None


def object_of(answer: Response) -> dict[str, Any]:
    """As `json_of`, of an answer that must be an object."""
    found = json_of(answer)
    if not isinstance(found, dict):
        raise Unreachable(f"HTTP {answer.status} with something that is no resource")
    return found


def find_object(answer: Response) -> dict[str, Any]:
    """As `object_of`, of an answer that need not say anything: empty when it does not."""
    try:
        found = _parsed(answer.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _parsed(body: bytes) -> Any:
    return json.loads(body, parse_constant=_refuse, parse_float=_finite)


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _finite(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(text)
    return found


def retry_after_ms(answer: Response) -> int | None:
    """Seconds or a date (RFC 9110 section 10.2.3); whoever uses it bounds it."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal():
        return int(said[:9]) * SECOND
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, TypeError, OverflowError):
        return SECOND if answer.status == 429 else None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(int(moment.timestamp() * 1000) - now_ms(), 0)


def find_id(value: object) -> str | None:
    """A target's own name of an account, if it is one that can be kept, and asked for by an
    address: a text, or a whole number."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_ID:
        return str(value)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID or value in (".", ".."):
        return None
    return value if value == storable(value) and value.isprintable() else None


def storable(text: str) -> str:
    """Without what no store takes: NUL, and halves of characters."""
    return text.replace("\x00", "").encode(errors="replace").decode()


def in_one_line(text: str) -> str:
    """What a target says of a refusal, for a list and the log."""
    return " ".join(storable(text).split())[:200]
