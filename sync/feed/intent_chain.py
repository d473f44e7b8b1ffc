"""What the settled intents made of an entry.

Each modify asserts the mark it found on the entry and leaves its own, so the marks of an entry form
a chain: from the mark an entry bears now, intent by intent, back to the mark it bore when it was
judged last. No clock and no order of rows is needed to know which intents lie between.
"""

from __future__ import annotations

from sqlalchemy import Connection

from directory.ids import can_be_id
from directory.intents.history import find_change
from directory.intents.model import EntryChange
from sync.feed.content import Content, overlaid


def mark_of(text: str) -> str:
    """A mark as it is remembered: what cannot be an intent's id is nobody's mark, as none is."""
    return text if can_be_id(text) else ""


def since(tx: Connection, content: Content, mark: str, mark_now: str) -> Content | None:
    """What the entry holds when nothing but settled intents changed it since it held `content` and
    bore `mark`. None when its mark now does not lead back there."""
    chain: list[EntryChange] = []
    while mark_now != mark:
        change = _settled(tx, mark_now)
        if change is None or change.operation == "add":
            return None
        chain.append(change)
        mark_now = mark_of(change.previous_intent)
    return _after(chain, content)


def from_the_beginning(tx: Connection, mark_now: str) -> Content | None:
    """What the entry holds when it was added by an intent and nothing but intents changed it."""
    chain: list[EntryChange] = []
    while True:
        change = _settled(tx, mark_now)
        if change is None:
            return None
        chain.append(change)
        if change.operation == "add":
            return _after(chain, {})
        mark_now = mark_of(change.previous_intent)


def _after(newest_first: list[EntryChange], content: Content) -> Content:
    for change in reversed(newest_first):
        content = overlaid(content, change.attributes)
    return content


def _settled(tx: Connection, intent_id: str) -> EntryChange | None:
    return find_change(tx, intent_id) if intent_id else None
