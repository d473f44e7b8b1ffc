"""Why the copy of the catalogue is not compared or made anew now."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

CATALOGUE_REPAIR_RUNNING = ErrorCode(
    "catalogue.repair_running",
    operators=Words(
        "Danh mục đang được đối chiếu hoặc lập lại. Hãy thử lại sau khi việc đó xong.",
        "The catalogue is being compared or rebuilt already. Try again when that is done.",
    ),
)

ERRORS = (CATALOGUE_REPAIR_RUNNING,)
