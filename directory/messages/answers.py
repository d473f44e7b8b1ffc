"""What mail servers and gateways say of a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Answer:
    """What became of it; ``waits``: it was not tried. `reason`: a stable word. `ends`: nothing more
    is sent in this run. `remote_id`: what a gateway calls it, `parts`: how many it was."""

    kind: Literal["sent", "later", "never", "waits"]
    reason: str = ""
    code: int = 0
    ends: bool = False
    remote_id: str = ""
    parts: int = 0
