"""What goes to a telephone: its number, its words, and how many parts a network makes of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from directory.message_kinds import ShortText, Value
from directory.messages.letters import told
from directory.settings import Settings
from directory.text import phone_key, without_marks

# 3GPP TS 23.038 section 6.2.1: the default alphabet, and what takes two places of it.
_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_TWO = frozenset("^{}\\[~]|€\f")
# One alone, and each of several (3GPP TS 23.040 section 9.2.3.24.1: a header takes six bytes).
_GSM7_PLACES, _UCS2_PLACES = (160, 153), (70, 67)
# Prefixes of mobile networks in Viet Nam; a line of an office cannot read.
_MOBILE = re.compile(r"0[35789]\d{8}")
_PLAIN = str.maketrans("“”„‘’–—…", '"""\'\'--.')


@dataclass(frozen=True)
class Size:
    """How long a text is: `places` of `encoding`, in so many parts, each of which is paid for."""

    encoding: Literal["gsm-7", "ucs-2"]
    places: int
    parts: int


def find_number(phone: str) -> str:
    """A number of a mobile telephone as ``+84…`` (E.164); empty where it is none."""
    national = phone_key(phone)
    return f"+84{national[1:]}" if _MOBILE.fullmatch(national) else ""


def render_text(
    settings: Settings,
    words: ShortText,
    language: str,
    values: Mapping[str, Value],
    *,
    marks: bool = True,
    most_parts: int = 10,
) -> str:
    """What somebody reads, in Vietnamese or English, cut where it needs more parts than that."""
    language = "en" if language == "en" else "vi"
    known = {name: told(value, language) for name, value in values.items()}
    filled = getattr(words, language).format_map({**known, "phone": settings.operator_phone})
    text = " ".join(filled.split())
    text = unicodedata.normalize("NFC", text if marks else without_marks(text.translate(_PLAIN)))
    while size_of(text).parts > most_parts:
        text = text[:-4].rstrip() + "..."
    return text


def size_of(text: str) -> Size:
    """Whatever stands in no GSM alphabet makes the whole text twice as wide."""
    if all(each in _GSM7 or each in _GSM7_TWO for each in text):
        places = [1 + (each in _GSM7_TWO) for each in text]
        return Size("gsm-7", sum(places), _parts(places, *_GSM7_PLACES))
    places = [len(each.encode("utf-16-be")) // 2 for each in text]
    return Size("ucs-2", sum(places), _parts(places, *_UCS2_PLACES))


def _parts(places: list[int], alone: int, each_of_many: int) -> int:
    if sum(places) <= alone:
        return 1
    parts, left = 1, each_of_many
    for width in places:  # what takes two places is never cut in two
        if width > left:
            parts, left = parts + 1, each_of_many
        left -= width
    return parts
