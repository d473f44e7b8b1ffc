"""What a declaration names as ``package.module:name``, so that it stays light."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def load(name: str) -> Callable[..., Any]:
    """What ``package.module:name`` names. Raises ImportError or AttributeError: a bug."""
    module, _, attribute = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), attribute)
    return found
