"""Static files under fingerprinted addresses, served from memory and cached for a year.

The kit's style sheets travel as one file, `kit.css`: a slow line pays one round trip.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from flask import Flask, Response, abort

from web import state
from web.asset import Asset, Assets

STYLE_SHEET = "kit.css"
# The order of the @layer statement in tokens.css.
_LAYERS = ("tokens", "base", "layout", "components", "utilities", "print")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_FINGERPRINT_CHARS = 12


def load(directories: Sequence[Path]) -> Assets:
    """Every file below `directories` by its relative name, and the kit's sheets as `kit.css`.

    The first directory is the kit's own.
    """
    found: dict[str, Asset] = {}
    for directory in directories:
        for path in sorted(directory.rglob("*")):
            if path.suffix in _TYPES:
                name = path.relative_to(directory).as_posix()
                found[name] = _asset(path.read_bytes(), path.suffix)
    sheets = [found.pop(f"css/{layer}.css").body for layer in _LAYERS]
    found[STYLE_SHEET] = _asset(b"".join(sheets), ".css")
    return found


def install(app: Flask) -> None:
    """Give templates `url_for_static`."""
    app.jinja_env.globals["url_for_static"] = url_for_static


def url_for_static(name: str) -> str:
    """The address of a static file. Raises KeyError when there is none of that name."""
    return f"/assets/{state.current_kit().assets[name].fingerprint}/{name}"


def _asset(body: bytes, suffix: str) -> Asset:
    digest = hashlib.sha256(body).hexdigest()[:_FINGERPRINT_CHARS]
    return Asset(body, _TYPES[suffix], digest)


def serve_asset(fingerprint: str, name: str) -> Response:
    """A static file."""
    asset = state.current_kit().assets.get(name)
    if asset is None:
        abort(404)
    response = Response(asset.body, content_type=asset.content_type)
    # A page of the previous version asks for the previous fingerprint during an upgrade: it gets
    # today's file, but nobody may remember it under that name.
    if fingerprint == asset.fingerprint:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
