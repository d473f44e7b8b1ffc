"""The product under measurement: started on a state folder of its own, weighed, and stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from directory.settings import Settings, read_settings

CHECKOUT = Path(__file__).resolve().parents[1]
_PORTS = 6
_START_S, _STOP_S = 120, 20
_SEED_S = 900
_SERVING = ("web", "console", "slapd")


@dataclass(frozen=True)
class Weight:
    """Proportional set size (proc(5)) of one kind of process, and of its private pages."""

    name: str
    processes: int
    pss_mib: float
    private_mib: float


@dataclass(frozen=True)
class Product:
    """A running product. `seed_s`: to make its province; `start_s`: from nothing to ready again."""

    settings: Settings
    environ: Mapping[str, str]
    seed_s: float
    start_s: float
    pid: int

    def weigh(self) -> list[Weight]:
        """Memory of the product's processes by kind."""
        found: dict[str, list[tuple[float, float]]] = {}
        for pid in _descendants(self.pid):
            with suppress(OSError):
                found.setdefault(_kind_of(pid), []).append(_memory(pid))
        return [
            Weight(name, len(each), sum(pss for pss, _ in each), sum(own for _, own in each))
            for name, each in sorted(found.items())
        ]

    def cpu_s(self) -> float:
        """CPU time of the processes that serve so far: web, console, slapd."""
        ticks = 0
        for pid in _descendants(self.pid):
            with suppress(OSError):
                if _kind_of(pid) not in _SERVING:
                    continue
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])  # utime, stime: proc(5)
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_product(people: int, agencies: int | None, state: Path | None) -> Iterator[Product]:
    """A product with a province of `people`, ready; stopped and removed at the end.

    `state`: a folder to use and to keep; it is filled when it is empty.
    """
    folder = Path(tempfile.mkdtemp(prefix="danhmuc-bench-"))
    port = _free_ports()
    environ = {
        **{k: v for k, v in os.environ.items() if not k.startswith("DANHMUC_")},
        "DANHMUC_STATE": str(state or folder / "state"),
        "DANHMUC_PORT": str(port),
        "DANHMUC_TRUSTED_PROXIES": "127.0.0.1",
        "PYTHONPATH": str(CHECKOUT),
    }
    settings = read_settings({k: v for k, v in environ.items() if k.startswith("DANHMUC_")})
    try:
        seed_s = _seed(settings, environ, people, agencies)
        with (folder / "up.log").open("wb") as log:
            yield from _run(settings, environ, seed_s, log.fileno(), folder / "up.log")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _seed(
    settings: Settings, environ: Mapping[str, str], people: int, agencies: int | None
) -> float:
    if (settings.keys_dir / "master.key").exists():
        return 0.0
    began = time.monotonic()
    wanted = ["--people", str(people), *(["--agencies", str(agencies)] if agencies else [])]
    command = [sys.executable, "-m", "admin_ui.cli", "seed", *wanted]
    subprocess.run(command, cwd=CHECKOUT, env=dict(environ), check=True, timeout=_SEED_S)
    return time.monotonic() - began


def _run(
    settings: Settings, environ: Mapping[str, str], seed_s: float, log: int, log_path: Path
) -> Iterator[Product]:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "admin_ui.cli", "up"],
        cwd=CHECKOUT,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        _await_ready(settings, process, log_path)
        yield Product(settings, environ, seed_s, time.monotonic() - began, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_ready(settings: Settings, process: subprocess.Popen[bytes], log: Path) -> None:
    waiting = [f"{settings.issuer}/readyz", f"{settings.console_url}/readyz"]
    deadline = time.monotonic() + _START_S
    while waiting:
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-3000:]
            raise RuntimeError(f"the product does not run: {waiting[0]}\n{said}")
        with suppress(OSError), urllib.request.urlopen(waiting[0], timeout=2) as answer:
            if answer.status == 200:
                waiting.pop(0)
                continue
        time.sleep(0.02)


def accounts(settings: Settings) -> list[dict[str, str]]:
    """The demo accounts with their passwords."""
    found: list[dict[str, str]] = json.loads(
        (settings.secrets_dir / "demo-accounts.json").read_text()
    )
    return found


def _descendants(pid: int) -> list[int]:
    below = [pid]
    for each in below:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            with suppress(OSError):
                below += [int(child) for child in task.read_text().split()]
    return below


def _kind_of(pid: int) -> str:
    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    kinds = {
        "admin_ui.entries.issuer:app": "web",
        "admin_ui.entries.console:app": "console",
        "admin_ui.entries.machine:app": "machine",
    }
    for argument in command:
        if argument.endswith(":app"):
            return kinds.get(argument, "demo")
    if command[0].endswith("slapd"):
        return "slapd"
    return "worker" if "worker" in command else "supervisor"


def _memory(pid: int) -> tuple[float, float]:
    facts = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, value = line.partition(":")
        facts[name] = int(value.split()[0]) / 1024
    return facts["Pss"], facts["Private_Clean"] + facts["Private_Dirty"]


def _free_ports() -> int:
    for first in range(20_000 + os.getpid() % 5000, 32_000, _PORTS):
        if all(_is_free(host, first + n) for host in _HOSTS for n in range(_PORTS)):
            return first
    raise RuntimeError("no free ports on loopback")


_HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
