"""`gunicorn --chdir deploy/demo document.wsgi:app`."""

from __future__ import annotations

import os

from document.application import create

app = create(os.environ)
