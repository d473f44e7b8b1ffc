"""The pages of `docs/howto` as a newcomer uses them: blocks to copy, commands to paste."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.product import REPOSITORY, Product

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"\A(?:#|//) (\S+)\n")
_COMMAND_LINE = """#!/bin/sh
cd {repository}
exec {python} -m admin_ui.cli "$@"
"""


@dataclass(frozen=True)
class Block:
    """One fenced block; `file`: the name its first line gives it, '' without one."""

    language: str
    text: str

    @property
    def file(self) -> str:
        found = _NAMED.match(self.text)
        return found[1] if found else ""


def section(page: str, heading: str) -> list[Block]:
    """The blocks of the section of `docs/howto/<page>` under that heading of the second degree."""
    text = (REPOSITORY / "docs" / "howto" / page).read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return [Block(*block) for block in _FENCE.findall(found[heading])]


def headings(page: str) -> list[str]:
    """The sections of a page that show something to paste."""
    text = (REPOSITORY / "docs" / "howto" / page).read_text(encoding="utf-8")
    return re.findall(r"^## (.+)$", text, flags=re.MULTILINE)


def paste(
    product: Product, folder: Path, text: str, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Paste `text` into a shell in `folder`, where `deploy/danhmuc` is the command line of
    `product`."""
    script = folder / "deploy" / "danhmuc"
    script.parent.mkdir(exist_ok=True)
    script.write_text(
        _COMMAND_LINE.format(
            repository=shlex.quote(str(REPOSITORY)), python=shlex.quote(sys.executable)
        )
    )
    script.chmod(0o755)
    return subprocess.run(
        ["bash", "-eu", "-c", text],
        cwd=folder,
        env={**os.environ, **product.environment, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
