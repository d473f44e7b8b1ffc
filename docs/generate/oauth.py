"""Every OAuth error that is made in our code, with what it says."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from inspect import signature
from pathlib import Path

from authlib.oauth2 import OAuth2Error

ROOT = Path(__file__).resolve().parents[2]


def raised_oauth() -> Iterator[tuple[type[OAuth2Error], str]]:
    """The OAuth errors that are made in our code: class, and the English sentence."""
    for path in sorted((ROOT / "idp").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        module = importlib.import_module(name)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            made = getattr(module, node.func.id, None)
            if isinstance(made, type) and issubclass(made, OAuth2Error):
                # Some of Authlib's take something else first, and make a sentence of it.
                says = "description" in list(signature(made).parameters)[:1]
                given = [
                    *(node.args if says else ()),
                    *(k.value for k in node.keywords if k.arg == "description"),
                ]
                yield made, _text(given[0]) if given else ""


def _text(given: ast.expr) -> str:
    """A sentence as it is written; what is known at run time only stands as `…`."""
    if isinstance(given, ast.Constant):
        return str(given.value)
    if isinstance(given, ast.JoinedStr):
        return "".join(_text(part) or "…" for part in given.values)
    return ""
