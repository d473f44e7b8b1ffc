"""``bench/run console``: the console at 200,000 people and 400,000 grants.

Two workers serve eight administrators at once, each of whom looks at a page for a moment before
asking for the next, after each has seen every page once: a store and workers that
have just been started are not what people work with. What is told is the time the product itself
measures for each answer (`web.guard.Told`), not what the clients wait.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.console_report import Answered, report, write_page
from bench.console_store import Admin, add_admins, fill
from bench.console_walk import Unexpected, Visitor, enter, look_around, save
from bench.product import CHECKOUT
from directory.installation import Installation, open_installation
from directory.ldap import embedded
from directory.settings import Settings, read_settings
from tests.support.ports import find_free_block
from tests.support.postgres import Cluster, running_postgres

PEOPLE, AGENCIES, ADMINS, WORKERS = 200_000, 1_500, 8, 2
_THREADS = 4  # of a worker of the console: as `danhmuc up` has it
_SEED_S, _START_S, _STOP_S = 1800, 60, 20
_SAVES = 3  # each administrator's, after the pages


@dataclass
class Walk:
    """What the administrators do until the time is over; `wrong`: answers that were not right."""

    seconds: float
    pause_s: float
    wrong: list[str] = field(default_factory=list)

    def all_at_once(self, visitors: Sequence[Visitor]) -> None:
        """Every one of them begins elsewhere in the list of pages."""
        for work in (self._look, self._save):
            threads = [
                threading.Thread(target=work, args=(visitor, number))
                for number, visitor in enumerate(visitors)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def warm_up(self, visitors: Sequence[Visitor]) -> None:
        """Each of them sees every page once, one after the other."""
        for number, visitor in enumerate(visitors):
            for _ in look_around(visitor, number, lambda: False):
                pass

    def _look(self, visitor: Visitor, number: int) -> None:
        end = time.monotonic() + self.seconds
        for turn in range(number * 6, 10**6):
            if time.monotonic() >= end:
                return
            try:
                for _ in look_around(visitor, turn, lambda: time.monotonic() >= end):
                    time.sleep(self.pause_s)
            except (Unexpected, OSError) as error:
                self.wrong.append(f"{visitor.admin.role}: {error}")

    def _save(self, visitor: Visitor, number: int) -> None:
        for turn in range(_SAVES):
            try:
                for _ in save(visitor, number * 100 + turn):
                    pass
            except (Unexpected, OSError) as error:
                self.wrong.append(f"{visitor.admin.role}: {error}")


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    options.state.mkdir(parents=True, exist_ok=True)
    answers = {}
    wrong: list[str] = []
    for engine in options.engine:
        with _store(engine, options.state) as (settings, environ):
            _seed(settings, environ)
            installation = open_installation(settings)
            _tell(f"{engine}: applications, grants and requests")
            fill(installation)
            admins = add_admins(installation, ADMINS)
            walk = Walk(options.seconds, options.pause)
            with embedded.running(settings):
                lines = options.state / f"answers-{engine}.jsonl"
                lines.unlink(missing_ok=True)
                with _served(settings, environ, lines):
                    visitors = _enter(installation, settings, admins)
                    walk.warm_up(visitors)
                    before = len(lines.read_text().splitlines())
                    _tell(f"{engine}: {ADMINS} administrators for {options.seconds:.0f} s")
                    walk.all_at_once(visitors)
            installation.close_connections()
            told = lines.read_text().splitlines()[before:]
            answers[engine] = [Answered(**json.loads(line)) for line in told]
            wrong += walk.wrong
    text = report(answers, options.pause)
    print(text)
    for line in wrong[:20]:
        _tell(f"wrong: {line}")
    if options.write:
        write_page(text)
    return 1 if wrong else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run console", description=__doc__)
    parser.add_argument(
        "--state", type=Path, required=True, help="folder of the stores, made once and kept"
    )
    parser.add_argument("--engine", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite"])
    parser.add_argument("--seconds", type=float, default=120.0, help="for the pages (120)")
    parser.add_argument(
        "--pause",
        type=float,
        default=0.5,
        help="seconds that each looks at a page; 0: as much as two workers can do (0.5)",
    )
    parser.add_argument(
        "--write", action="store_true", help="into docs/reference/performance.md too"
    )
    return parser.parse_args(arguments)


@contextmanager
def _store(engine: str, folder: Path) -> Iterator[tuple[Settings, Mapping[str, str]]]:
    """Settings of the store of an engine; a PostgreSQL of its own runs while this lasts."""
    port = find_free_block()
    environ = {
        **{k: v for k, v in os.environ.items() if not k.startswith("DANHMUC_")},
        "DANHMUC_STATE": str(folder / engine),
        "DANHMUC_PORT": str(port),
        "DANHMUC_TRUSTED_PROXIES": "127.0.0.1",
        "PYTHONPATH": str(CHECKOUT),
    }
    with ExitStack() as stack:
        if engine == "postgresql":
            cluster: Cluster = stack.enter_context(running_postgres(folder / "cluster"))
            environ["DANHMUC_DATABASE_URL"] = cluster.url
        yield read_settings({k: v for k, v in environ.items() if k.startswith("DANHMUC_")}), environ


def _seed(settings: Settings, environ: Mapping[str, str]) -> None:
    if (settings.secrets_dir / "demo-accounts.json").exists():
        return
    _tell(f"{PEOPLE:,} people; this takes minutes")
    wanted = ["--people", str(PEOPLE), "--agencies", str(AGENCIES)]
    command = [sys.executable, "-m", "admin_ui.cli", "seed", *wanted]
    subprocess.run(command, cwd=CHECKOUT, env=dict(environ), check=True, timeout=_SEED_S)


@contextmanager
def _served(settings: Settings, environ: Mapping[str, str], lines: Path) -> Iterator[None]:
    """The console under gunicorn as `danhmuc up` starts it, writing down what answers cost."""
    port = int(settings.console_url.rpartition(":")[2])
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    command += ["--workers", str(WORKERS), "--threads", str(_THREADS)]
    command += ["--bind", f"127.0.0.1:{port}", "bench.console_served:app"]
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env={**environ, "BENCH_ANSWERS": str(lines)}, start_new_session=True
    )
    try:
        _await(f"{settings.console_url}/readyz", process)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the console does not run: {url}")


def _enter(
    installation: Installation, settings: Settings, admins: Sequence[Admin]
) -> Sequence[Visitor]:
    port = int(settings.console_url.rpartition(":")[2])
    return [enter(installation, port, admin, number) for number, admin in enumerate(admins)]


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
