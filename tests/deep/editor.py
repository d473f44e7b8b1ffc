"""Edits people through the services, as the command line does, in a process that can be killed.

One JSON document per line in and out: ``{"person": …, "changes": {…}, "expected": {…}}`` is
answered with ``{"answer": "done" | "refused" | "unknown", "code": …}``.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from directory.actor import Actor
from directory.errors import AppError, Unavailable
from directory.installation import Installation, open_installation
from directory.people.service import change_person
from directory.settings import read_settings


def main() -> None:
    """Answer until standard input ends."""
    installation = open_installation(read_settings(os.environ), "catalogue")
    print(json.dumps({"ready": os.getpid()}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(installation, json.loads(line))), flush=True)


def _answer(installation: Installation, order: dict[str, Any]) -> dict[str, str]:
    actor = Actor("os", "storm", request_id=order.get("request_id", ""))
    try:
        change_person(
            installation, actor, order["person"], order["changes"], expected=order.get("expected")
        )
    except Unavailable as error:
        return {"answer": "unknown", "code": error.code}
    except AppError as error:
        return {"answer": "refused", "code": error.code}
    return {"answer": "done", "code": ""}


if __name__ == "__main__":
    main()
