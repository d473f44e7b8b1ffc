"""`settings.env` in the state folder: settings that stay, written by `danhmuc setup` or by hand.

Lines ``DANHMUC_NAME=value``, as systemd reads them too; the environment overrides them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from directory.errors import Invalid
from directory.outside_text import read_text

FILE = "settings.env"
_LINE = re.compile(r"(?:export\s+)?(DANHMUC_\w+)\s*=\s*(.*)")
_ELSEWHERE = "DANHMUC_STATE"  # it says where this file is


class SettingsFileProblems(Exception):
    """Every line that is no setting, one sentence each, in `problems`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_settings_file(state: Path) -> Mapping[str, str]:
    """The settings in the file; none when there is no file. Raises `SettingsFileProblems`."""
    path = state / FILE
    try:
        text = read_text(path)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except Invalid:
        raise SettingsFileProblems([f"{path} is not UTF-8 text; save it as UTF-8"]) from None
    except OSError as error:
        raise SettingsFileProblems([f"{path} cannot be read: {error.strerror}"]) from error
    found: dict[str, str] = {}
    problems: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if complaint := _take(line.strip(), found):
            problems.append(f"{path}, line {number}: {complaint}")
    if problems:
        raise SettingsFileProblems(problems)
    return found


def _take(line: str, found: dict[str, str]) -> str:
    """Put what the line sets into `found`; what is wrong with it, if anything."""
    if not line or line.startswith("#"):
        return ""
    parts = _LINE.fullmatch(line)
    if parts is None:
        return "must look like DANHMUC_NAME=value"
    name, value = parts[1], _unquoted(parts[2])
    if name == _ELSEWHERE:
        return f"{name} cannot be set here: the file lies in that folder"
    if name in found:
        return f"{name} is set twice"
    found[name] = value
    return ""


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def write_settings_file(state: Path, values: Mapping[str, str]) -> Path:
    """Write the file anew, whole or not at all. `values`: by full name."""
    path = state / FILE
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    lines = [
        "# Settings of this installation, read at every start; the environment overrides them.",
        "# All of them: docs/reference/settings.md",
        *(f'{name}="{value}"' for name, value in values.items()),
    ]
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    draft.replace(path)
    return path
