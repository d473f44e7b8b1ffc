"""How an error is said to people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    """`said` is the sentence, `advice` what the person can do about it; `title` heads the page
    where the title of the status would say less."""

    said: str
    advice: str = ""
    title: str = ""
