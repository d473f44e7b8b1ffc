"""A command at a terminal, and somebody who answers when it asks."""

from __future__ import annotations

import os
import pty
import select
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def talk(
    command: Sequence[str],
    answers: Sequence[tuple[str, str]],
    *,
    environ: Mapping[str, str],
    folder: Path,
    timeout_s: float = 60,
) -> tuple[int, str]:
    """Run `command`; after each prompt of `answers` has appeared, type what stands beside it.

    Gives the exit code and all that was shown.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe(command[0], list(command), dict(environ))
    shown, seen = "", 0
    deadline = time.monotonic() + timeout_s
    waiting = list(answers)
    while True:
        left = deadline - time.monotonic()
        assert left > 0, f"waits for {waiting[:1]}; it says: {shown}"
        if not select.select([terminal], [], [], left)[0]:
            continue
        try:
            said = os.read(terminal, 4096)
        except OSError:  # it ended
            said = b""
        if not said:
            break
        shown += said.decode(errors="replace")
        if waiting and (at := shown.find(waiting[0][0], seen)) >= 0:
            seen = at + len(waiting[0][0])
            time.sleep(0.2)  # what is typed before the echo is off is thrown away
            os.write(terminal, f"{waiting.pop(0)[1]}\n".encode())
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), shown
