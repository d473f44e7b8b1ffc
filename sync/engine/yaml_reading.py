"""Reading a definition (YAML): every fault with its place, all of them at once.

No alias, no tag, no key that is not known: a misspelt one would silently do nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import yaml

from directory.errors import Invalid
from sync.engine.errors import CONNECTOR_DEFINITION

LONGEST = 64 * 1024


def compose(source: str) -> yaml.Node | None:
    """The tree of a file. Raises Invalid(``connector.definition``)."""
    if len(source) > LONGEST:
        raise Invalid(CONNECTOR_DEFINITION, line=1, column=1, says=f"more than {LONGEST} bytes")
    try:
        for event in yaml.parse(source, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise _at(event.start_mark, "anchors and aliases are not taken")
        root: yaml.Node | None = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _at(mark, f"this is no YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise fault_at(0, 0, "this is no YAML: a character that it does not allow") from error
    return root


def _at(mark: Any, says: str) -> Invalid:
    return fault_at(mark.line, mark.column, says) if mark else fault_at(0, 0, says)


def fault_at(line: int, column: int, says: str) -> Invalid:
    """A fault; both are counted from 0."""
    return Invalid(CONNECTOR_DEFINITION, line=line + 1, column=column + 1, says=says)


class YamlReading:
    """Faults are collected; what cannot be read is left out of what is read on. A node that is None
    is a part that was left out."""

    def __init__(self) -> None:
        self.faults: list[Invalid] = []

    def mapping(
        self,
        node: yaml.Node | None,
        *,
        required: Sequence[str] = (),
        optional: Sequence[str] = (),
    ) -> Mapping[str, yaml.Node]:
        entries = self.entries(node)
        known = (*required, *optional)
        for key, value in entries.items():
            if key not in known:
                self.add(value, f"{key!r} is not known here; known are {', '.join(known)}")
        if node is not None:
            for key in required:
                if key not in entries:
                    self.add(node, f"{key!r} is missing")
        return {key: value for key, value in entries.items() if key in known}

    def entries(self, node: yaml.Node | None) -> dict[str, yaml.Node]:
        """As `mapping`, whatever the keys are."""
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            self.add(node, "lines of the form 'name: value' are expected")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self.text(key)
            if name in found:
                self.add(key, f"{name!r} stands here twice")
            elif name:
                found[name] = value
        return found

    def texts(self, node: yaml.Node | None) -> Mapping[str, str]:
        """A mapping of texts."""
        return {key: self.text(value) for key, value in self.entries(node).items()}

    def listed(self, node: yaml.Node | None) -> tuple[str, ...]:
        """A list of texts, which is not empty."""
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.add(node, "a list is expected")
            return ()
        return tuple(self.text(each) for each in node.value)

    def text(
        self, node: yaml.Node | None, form: re.Pattern[str] | None = None, meant: str = ""
    ) -> str:
        """A text; of that form, if one is said."""
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or not node.value or "\x00" in node.value:
            self.add(node, "a text is expected")
            return ""
        if form and not form.fullmatch(node.value):
            self.add(node, f"{node.value[:60]!r} cannot stand here: {meant}")
            return ""
        return str(node.value)

    def choice(self, node: yaml.Node | None, known: Sequence[str], usual: str) -> str:
        """One of the words; `usual` where none stands."""
        found = self.text(node) if node is not None else usual
        if node is not None and found and found not in known:
            self.add(node, f"{found[:60]!r} is not known; known are {', '.join(known)}")
            return usual
        return found

    def number(self, node: yaml.Node | None, least: int, most: int, usual: int) -> int:
        """A whole number within bounds."""
        if node is None:
            return usual
        text = self.text(node)
        if text.isascii() and text.isdecimal() and len(text) < 8 and least <= int(text) <= most:
            return int(text)
        self.add(node, f"a number from {least} to {most} is expected")
        return usual

    def add(self, node: yaml.Node, says: str) -> None:
        """Keep a fault."""
        self.faults.append(fault_at(node.start_mark.line, node.start_mark.column, says))

    def address(self, node: yaml.Node | None) -> str:
        """An address of the web, without the last slash."""
        url = self.text(node)
        if url and node is not None and not is_address(url):
            self.add(node, "an http or https address without query is expected")
        return url.rstrip("/")


def is_address(url: str) -> bool:
    """Whether a text is one that can be asked: no query, no fragment, no password."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises when it is none
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and not (parts.query or parts.fragment or parts.username)
    )
