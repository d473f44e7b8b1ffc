"""A reader of the changes that a test kills: what it takes, it notes in the same transaction."""

from __future__ import annotations

import os
import time

from sqlalchemy import text

from directory.installation import open_installation
from directory.settings import read_settings
from sync.changes.readers import take

NAME = "taker"
NOTES = "noted_changes"


def main() -> None:
    installation = open_installation(read_settings(os.environ))
    note = text(f"INSERT INTO {NOTES} (sequence) VALUES (:sequence)")
    while True:
        with installation.database.write() as tx:
            taken = take(tx, NAME, 3)
            for change in taken.changes:
                tx.execute(note, {"sequence": change.sequence})
                time.sleep(0.002)  # so that it is killed in the middle
        time.sleep(0.001)


if __name__ == "__main__":
    main()
