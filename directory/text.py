"""Vietnamese text: normal form, search keys, names and their order.

The rules and their reasons are told in docs/reference/search.md. People type with and without
diacritics, with old and new tone placement (hòa/hoà), with i for y (Lí/Lý), and paste from old
files. What a person's name looks like is theirs: only keys are unified, stored names keep their
spelling.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"\s+")
# Controls, soft hyphen, zero-width and bidirectional marks: invisible, pasted in, never meant.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
# Eth and the African D look like Đ and come out of font conversions in its place.
_LOOKALIKES = str.maketrans("\u00d0\u00f0\u0189", "Đđ\u0110")
_APOSTROPHES = re.compile("[\u2018\u2019\u02bc\u02b9\u00b4\u0060\uff07]")
_LETTERS_WITHOUT_MARK = str.maketrans("đĐ\u0180\u0243", "dDbB")  # not decomposed by NFD
_SEARCH_PUNCTUATION = re.compile('[,;:()\\[\\]"“”«»…‐‑‒–—−]')
_LOOSE_HYPHENS = re.compile(r"(?<!\S)-+(?!\S)")
_DASHES = str.maketrans("‐‑‒–—−", "------")
# Where y and i are one sound (Lý/Lí, Quý/Quí, Vy/Vi): after a consonant, after qu, or first. It
# looks left only, so that what is typed so far stays a prefix; `ngu|y|ễn`, `thu|ỷ`, `tâ|y` keep y.
_Y_AS_I = re.compile("(?<![aăâeêoôơuư])y|(?<=qu)y")

# Vietnamese letters in dictionary order, each with a collation weight of two characters, and the
# tones: ngang, huyền, hỏi, ngã, sắc, nặng (Vietnam Lexicography Centre; ICU collation `vi`).
_WEIGHTS = {letter: letter + "0" for letter in "abcdefghijklmnopqrstuvwxyz"}
_WEIGHTS |= {"ă": "a1", "â": "a2", "đ": "d1", "ê": "e1", "ô": "o1", "ơ": "o2", "ư": "u1"}
_WEIGHTS |= {"\u0180": "b1"} | {digit: "1" + digit for digit in "0123456789"}
_WEIGHTS |= {
    char: "0" + "123456789abcdefghijklmnopqrstuvwxyz"[place]
    for place, char in enumerate(" _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$")
}
_UNKNOWN_WEIGHT = "zz"
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_LETTER_MARKS = {"\u0306", "\u0302", "\u031b"}  # breve ă, circumflex â, horn ơ

_SEEN_CHARS = 500

# Vietnamese has some 7,000 syllables and few names: what was worked out is asked again at once.
_REMEMBERED = 4096
_FEWEST_PHONE_DIGITS = 6  # fewer are a room, a year or the beginning of a staff number

_TWO_WORD_FAMILIES = {"tôn thất", "tôn nữ", "âu dương"}
_HONORIFIC = re.compile(r"^(?:ông|bà|anh|chị|đồng chí|đ/c)(?:\s*[.:]\s*|\s+)(?=\S)", re.IGNORECASE)
_FAMILIES = frozenset(
    re.findall(
        r"\w+",
        """
    nguyễn trần lê phạm huỳnh phan võ đặng bùi hoàng trương hồ vũ đỗ ngô dương đinh lâm đoàn lý lí
    mai trịnh lương cao hà tô châu thái tạ văn từ quách khổng tôn âu đào tăng la lưu vương phùng
    kiều tống thạch kim sơn danh điểu
""",
    )
)


def clean(value: str) -> str:
    """NFC, invisible characters gone, every run of blanks (NBSP included) one space, trimmed.

    Eth (Ð U+00D0) becomes Đ. Nothing else of the spelling changes.
    """
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", value).translate(_LOOKALIKES))
    return _SPACES.sub(" ", visible).strip()


def as_seen(value: object) -> str:
    """A stored value as a form carries it to and fro, to tell whether it was changed meanwhile:
    what other tools write may be wider and longer than ours."""
    return clean(str(value))[:_SEEN_CHARS].strip()


def clean_name(value: str) -> str:
    """A person's name as it should be stored, from a form or a spreadsheet cell.

    Beyond `clean`: typographic apostrophes become ``'`` (H'Hen), a form of address before the name
    goes ("Ông Nguyễn Văn An", but Ông Ích Khiêm keeps his family name), and names all in capitals
    or all in small letters get capitals at the start of each syllable.
    """
    name = _APOSTROPHES.sub("'", clean(value))
    address = _HONORIFIC.match(name)
    if address:
        first, _, rest = name[address.end() :].partition(" ")
        name = f"{first} {rest}" if rest and first.lower() in _FAMILIES else name
    return name.title() if name.isupper() or name.islower() else name


def without_marks(value: str) -> str:
    """The letters without tone and letter marks, case kept: ``Đặng Thuỷ`` → ``Dang Thuy``."""
    if value.isascii():
        return value
    decomposed = unicodedata.normalize("NFD", value.translate(_LETTERS_WITHOUT_MARK))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(_REMEMBERED)
def fold(value: str) -> str:
    """The search key: equal for all the ways people type the same words.

    Lower case, no marks, y→i where they sound alike, no apostrophes; commas, brackets and dashes
    between words are blanks. ``Lý Quý`` and ``li qui``, ``H’Hen`` and ``hhen``, ``Thuỳ`` and
    ``thùy`` agree; ``Nguyễn`` gives ``nguyen``. The key of a beginning is the beginning of the key.
    """
    return _Y_AS_I.sub("i", plain(value))


def plain(value: str) -> str:
    """As `fold`, but y stays y: what is typed without diacritics, letter by letter."""
    return _words(without_marks(clean(value)).lower())


def fold_keeping_marks(value: str) -> str:
    """As `fold`, with diacritics: the key that ranks exact hits before folded ones.

    The tone is written after its syllable, so that old and new placement agree: ``hòa`` and
    ``hoà`` → ``hoa1``; ``hoa`` stays ``hoa`` and ranks below them when ``hòa`` was typed.
    """
    return " ".join(_syllable(word) for word in _words(clean(value).lower()).split(" "))


def phone_key(value: str) -> str:
    """A telephone number as its digits with a leading 0 for +84; empty where the text is none: at
    least six digits and nothing but what stands between digits."""
    digits = re.sub(r"[\s+().\-]", "", clean(value))
    if not (digits.isascii() and digits.isdigit()) or len(digits) < _FEWEST_PHONE_DIGITS:
        return ""
    return re.sub(r"^(?:00)?84(?=\d{9,10}$)", "0", digits)


def split_name(full_name: str) -> tuple[str, str, str]:
    """(family, middle, given) of a name written họ – đệm – tên. One word is a given name.

    Two-word families (Tôn Thất) stay together. Ê Đê names put the family last: ``Y Blơk Niê`` and
    ``H'Hen Niê`` are of the family Niê. Where this guess is wrong, the stored parts count.
    """
    words = clean(full_name).split(" ")
    if len(words) == 1:
        return "", "", words[0]
    first = _APOSTROPHES.sub("'", words[0]).lower()
    if first.startswith("h'"):
        return " ".join(words[1:]), "", words[0]
    if first == "y" and len(words) > 2:
        return " ".join(words[2:]), "", " ".join(words[:2])
    family_words = 2 if len(words) > 2 and " ".join(words[:2]).lower() in _TWO_WORD_FAMILIES else 1
    return " ".join(words[:family_words]), " ".join(words[family_words:-1]), words[-1]


def sort_key(full_name: str) -> str:
    """The key that puts people in Vietnamese order: given name, then middle, then family name."""
    return sort_key_of_parts(*split_name(full_name))


def sort_key_of_parts(family_name: str, middle_name: str, given_name: str) -> str:
    """As `sort_key`, for a name whose parts are known (Thạch | | Sa Rết)."""
    return "".join(collation_key(part) for part in (given_name, middle_name, family_name))


@lru_cache(_REMEMBERED)
def collation_key(value: str) -> str:
    """The key that puts text in Vietnamese order: letters first, tones second (ICU `vi`).

    Made of ``0-9a-z`` only, two characters a letter, so that byte order, LDAP matching and every
    database collation agree on it. Unlike ICU, a tone counts for its syllable, wherever it is
    written: Hoà and Hòa are equal, both before Hóa.
    """
    letters: list[str] = []
    tones: list[str] = []
    for syllable in _APOSTROPHES.sub("'", clean(value).lower()).translate(_DASHES).split(" "):
        spelled, tone = _letters_and_tone(syllable)
        letters.append("".join(_WEIGHTS.get(letter, _UNKNOWN_WEIGHT) for letter in spelled))
        tones.append(tone)
    return _WEIGHTS[" "].join(letters) + "00" + "".join(tones)


def _words(value: str) -> str:
    """The words alone, one blank between them, apostrophes gone."""
    joined = _APOSTROPHES.sub("'", value).replace("'", "")
    spaced = _LOOSE_HYPHENS.sub(" ", _SEARCH_PUNCTUATION.sub(" ", joined))
    return _SPACES.sub(" ", spaced).strip()


def _syllable(word: str) -> str:
    letters, tone = _letters_and_tone(word)
    return _Y_AS_I.sub("i", letters) + (tone if tone != "0" else "")


@lru_cache(_REMEMBERED)
def _letters_and_tone(syllable: str) -> tuple[str, str]:
    """The Vietnamese letters without tone, and the tone's digit. Foreign marks are dropped."""
    letters: list[str] = []
    tone = "0"
    for part in unicodedata.normalize("NFD", syllable):
        if part in _TONES:
            tone = _TONES[part]
        elif part in _LETTER_MARKS and letters:
            marked = unicodedata.normalize("NFC", letters[-1] + part)
            letters[-1] = marked if marked in _WEIGHTS else letters[-1]
        elif not unicodedata.combining(part):
            letters.append(part)
    return "".join(letters), tone
