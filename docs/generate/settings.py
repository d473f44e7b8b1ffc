"""The table of settings, in a page that is written by hand around it."""

from __future__ import annotations

from directory.declared_settings import SETTINGS, Setting
from docs.generate.markdown import code, in_page, table


def write() -> str:
    heads = ("variable", "default", "meaning", "note")
    return in_page("docs/reference/settings.md", table(heads, map(_row, SETTINGS)))


def _row(setting: Setting) -> tuple[str, ...]:
    """Meanings are written for this page, backticks and all."""
    default = setting.default_told or code(setting.default) or "empty"
    notes = [f"*identity, {setting.identity}*"] if setting.identity else []
    notes += ["*may hold a secret*"] if setting.secret else []
    return code(setting.variable), default, setting.meaning, ", ".join(notes)
