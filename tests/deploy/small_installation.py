"""A supervisor with small services, run as a process of its own by test_group.py.

Arguments: state folder, port, patience in seconds before a child is killed, then names of services
to misbehave: `stubborn` ignores SIGTERM, `broken` ends at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from admin_ui.operations.held_state import hold_state
from admin_ui.operations.options import CannotStart
from admin_ui.operations.supervisor import group
from admin_ui.operations.supervisor.health import answers_200
from admin_ui.operations.supervisor.process import Service
from admin_ui.operations.supervisor.stopping import StopWish
from directory.settings import Settings, read_settings

REPOSITORY = Path(__file__).resolve().parents[2]

# Says when it is told to stop, so that the order is seen; never ends by itself.
STORE = """
import signal, sys, time
def leave(*_):
    open(sys.argv[1], "a").write("store\\n"); sys.exit(0)
signal.signal(signal.SIGTERM, leave)
open(sys.argv[1] + ".ready", "w").close()
while True: time.sleep(60)
"""
STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1] + ".stubborn", "w").close()
time.sleep(600)
"""
BROKEN = "import sys; sys.exit('the schema is missing')"


def python(name: str, code: str, stage: int, order: Path, proof: str = "") -> Service:
    return Service(
        name=name,
        argv=(sys.executable, "-c", code, str(order)),
        environ=dict(os.environ),
        is_healthy=lambda: not proof or Path(f"{order}{proof}").exists(),
        stage=stage,
    )


def web(port: int) -> Service:
    address = f"127.0.0.1:{port}"
    return Service(
        name="web",
        argv=(sys.executable, "-m", "gunicorn", "-c", str(REPOSITORY / "deploy/gunicorn.conf.py"),
              "--bind", address, "tests.deploy.web_of_one:app"),
        environ=dict(os.environ) | {"PYTHONPATH": str(REPOSITORY)},
        is_healthy=answers_200(address, f"http://localhost:{port}/"),
        stage=2,
    )  # fmt: skip


def run(settings: Settings, port: int, kinds: list[str]) -> None:
    wish = StopWish()
    order = settings.state / "order"
    with hold_state(settings):
        for leftover in settings.state.glob("order*"):
            leftover.unlink()
        installation = group.Group(settings, wish.is_asked, lambda line: print(line, flush=True))
        try:
            installation.start([python("store", STORE, 0, order, ".ready")])
            above = [web(port)]
            if "stubborn" in kinds:
                above.append(python("stubborn", STUBBORN, 3, order, ".stubborn"))
            if "broken" in kinds:
                above.append(python("broken", BROKEN, 3, order, ".never"))
            installation.start(above)
            print("ready", flush=True)
            installation.keep_running()
        finally:
            installation.stop()


if __name__ == "__main__":
    group._STOP_PATIENCE_S = float(sys.argv[3])
    try:
        run(read_settings({"DANHMUC_STATE": sys.argv[1]}), int(sys.argv[2]), sys.argv[4:])
    except CannotStart as problem:
        sys.exit(str(problem))
