"""What a web server loads for the console: ``admin_ui.wsgi:app``."""

from __future__ import annotations

import os

from admin_ui.web.app import create_app
from directory import log_lines
from directory.installation import open_installation
from directory.settings import read_settings

_settings = read_settings(os.environ)
log_lines.configure("console", _settings.log_level)
_house = open_installation(_settings, account="catalogue")
app = create_app(_house)


def after_fork() -> None:
    """In a new worker: share no connection with the process that loaded us."""
    _house.close_connections()
