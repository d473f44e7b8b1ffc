"""What a web server loads for the console: ``admin_ui.entries.console:app``."""

from __future__ import annotations

import os

from admin_ui.components import COMPONENTS, REGISTRATION, REQUEST_KINDS, VOCABULARY
from admin_ui.console.app import create_app
from directory import log_lines
from directory.component import expiries_of
from directory.installation import open_installation
from directory.settings import read_settings
from idp.factors.held import factors_of
from web.health.checks import ready_checks
from web.metrics.counters import count_in_files
from web.metrics.server import CONSOLE_OFFSET, listen, serve
from web.metrics.store import StoreCollector

_settings = read_settings(os.environ)
log_lines.configure("console", _settings.log_level)
_installation = open_installation(_settings, account="catalogue")
_counters = count_in_files(_settings, "console")
app = create_app(
    _installation,
    VOCABULARY,
    REGISTRATION,
    REQUEST_KINDS,
    ready_checks(COMPONENTS),
    expiries_of(COMPONENTS),
    factors=factors_of(COMPONENTS),
    on_answer=_counters.note_answer,
)
_metrics = listen(_settings.port + CONSOLE_OFFSET)


def after_fork() -> None:
    """In a new worker: share no connection with the process that loaded us, and tell metrics."""
    _installation.close_connections()
    serve(_metrics, StoreCollector(_installation, COMPONENTS))
