"""What a web server loads: ``idp.wsgi:app``."""

from __future__ import annotations

import os

from directory import log_lines
from directory.installation import open_installation
from directory.settings import read_settings
from idp.app import create_app

_settings = read_settings(os.environ)
log_lines.configure("issuer", _settings.log_level)
_house = open_installation(_settings, account="idp")
app = create_app(_house)


def after_fork() -> None:
    """In a new worker: share no connection with the process that loaded us."""
    _house.close_connections()
