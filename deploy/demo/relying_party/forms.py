"""Reading what a person typed: cleaned values, and a sentence for each field that is wrong."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

DAY_FORMATS = ("%d/%m/%Y", "%Y-%m-%d")


@dataclass
class FormReader:
    """Reads one submitted form. After reading, `errors` maps a field's name to its sentence."""

    submitted: Mapping[str, str]
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, label: str, *, longest: int, required: bool = True) -> str:
        """One line of text in NFC without stray spaces or control characters."""
        value = " ".join(unicodedata.normalize("NFC", self.submitted.get(name, "")).split())
        value = "".join(c for c in value if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
        self.values[name] = value
        if required and not value:
            self.errors[name] = f"Trường «{label}» không được để trống."
        elif len(value) > longest:
            self.errors[name] = f"Trường «{label}» dài quá {longest} ký tự."
        return value

    def choice(self, name: str, label: str, choices: Collection[str]) -> str:
        """One of `choices`."""
        value = self.submitted.get(name, "")
        self.values[name] = value
        if value not in choices:
            self.errors[name] = f"Hãy chọn «{label}»."
        return value

    def day(
        self, name: str, label: str, *, first: date | None = None, last: date | None = None
    ) -> str:
        """A date typed as dd/mm/yyyy, returned as ISO text; `first` and `last` are allowed."""
        typed = self.text(name, label, longest=10)
        if name in self.errors:
            return ""
        day = _parse_day(typed)
        if day is None:
            self.errors[name] = f"«{label}» không hợp lệ (dd/mm/yyyy)."
            return ""
        if first and day < first:
            self.errors[name] = f"«{label}» không được trước ngày {first:%d/%m/%Y}."
        elif last and day > last:
            self.errors[name] = f"«{label}» không được sau ngày {last:%d/%m/%Y}."
        return day.isoformat()


def _parse_day(typed: str) -> date | None:
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(typed, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None
