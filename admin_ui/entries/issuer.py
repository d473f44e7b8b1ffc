"""What a web server loads: ``admin_ui.entries.issuer:app``."""

from __future__ import annotations

import os

from admin_ui.components import COMPONENTS
from directory import log_lines
from directory.installation import open_installation
from directory.settings import read_settings
from idp.app import create_app
from web.metrics.counters import count_in_files
from web.metrics.server import ISSUER_OFFSET, listen, serve

_settings = read_settings(os.environ)
log_lines.configure("issuer", _settings.log_level)
_installation = open_installation(_settings, account="idp")
_counters = count_in_files(_settings, "issuer")
app = create_app(_installation, COMPONENTS, on_answer=_counters.note_answer)
_metrics = listen(_settings.port + ISSUER_OFFSET)


def after_fork() -> None:
    """In a new worker: share no connection with the process that loaded us, and tell metrics."""
    _installation.close_connections()
    serve(_metrics)
