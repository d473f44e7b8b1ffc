from __future__ import annotations

from directory.component import Component
from directory.errors import input, installation

COMPONENT = Component(
    package="directory.errors",
    errors=(*input.ERRORS, *installation.ERRORS),
)
