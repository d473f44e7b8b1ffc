"""Where this program lies: its folder `deploy` has what is run and shown by path."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
