"""What the kit holds for one Flask application, made once by `web.setup`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from babel.support import Translations
from flask import Flask, current_app

from directory.sealed import KeyRing
from directory.settings import Settings
from web.asset import Assets


@dataclass(frozen=True)
class Kit:
    """`own_url` is the origin people reach this application at; `cookie_prefix` keeps two
    applications on one host apart (browsers do not separate cookies by port)."""

    settings: Settings
    keyring: KeyRing
    own_url: str
    cookie_prefix: str
    translations: Mapping[str, Translations]
    assets: Assets
    csrf_exempt: frozenset[str]
    json_endpoints: frozenset[str]

    @property
    def https(self) -> bool:
        return self.own_url.startswith("https://")

    def cookie_name(self, name: str) -> str:
        """`__Host-` binds a cookie to our host and to https; plain http cannot have it."""
        return f"{'__Host-' if self.https else ''}{self.cookie_prefix}_{name}"


def current_kit() -> Kit:
    """The kit of the application that handles this request."""
    return kit_of(current_app)


def kit_of(app: Flask) -> Kit:
    """The kit of `app`."""
    kit = app.extensions["kit"]
    assert isinstance(kit, Kit)  # noqa: S101 - narrows the type, set by setup alone
    return kit
