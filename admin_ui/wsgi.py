"""What a web server loads for the console: ``admin_ui.wsgi:app``."""

from __future__ import annotations

import os

from admin_ui.web.app import create_app
from directory.installation import open_installation
from directory.settings import read_settings

_house = open_installation(read_settings(os.environ), account="catalogue")
app = create_app(_house)


def after_fork() -> None:
    """In a new worker: share no connection with the process that loaded us."""
    _house.close_connections()
