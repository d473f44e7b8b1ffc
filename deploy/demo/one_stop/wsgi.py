"""`gunicorn --chdir deploy/demo one_stop.wsgi:app`."""

from __future__ import annotations

import os

from one_stop.application import create

app = create(os.environ)
