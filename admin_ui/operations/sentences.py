"""What an operator reads of an error."""

from __future__ import annotations

from directory.errors import AppError


def sentence_of(error: Exception, language: str = "en") -> str:
    """What happened and what to do; the stable code stands behind it."""
    if not isinstance(error, AppError):
        return str(error)
    return f"{error.declared.told_to_operators(language, error.params)} [{error.code}]"
