"""A foreign server as a process of its own, which is killed, frozen and started again; and a way
to it that is cut off."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.support.ports import free_port
from tests.support.waiting import wait_until

_START_S = 60.0
_CHUNK = 64 * 1024
_RESETS = struct.pack("ii", 1, 0)  # SO_LINGER: what is closed is reset


@dataclass
class ForeignProcess:
    """A program that listens at PORT of its environment and takes TOKEN; the port stays."""

    argv: Sequence[str]
    folder: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        more = {"PORT": str(self.port), **self.environment}
        self.process = subprocess.Popen(self.argv, cwd=self.folder, env={**os.environ, **more})
        wait_until(self._answers, _START_S, every_s=0.1)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"{self.argv} ended with {self.process.returncode}"
        with suppress(requests.RequestException):
            return requests.get(f"{self.url}/", timeout=5).ok
        return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """It takes what comes, and answers when it is thawed."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self.process is not None:
            self.thaw()
            self.process.terminate()
            self.process.wait(10)


@contextmanager
def started(argv: Sequence[str], folder: Path, **environment: str) -> Iterator[ForeignProcess]:
    """One that runs while this lasts."""
    found = ForeignProcess(argv, folder, environment)
    try:
        found.start()
        yield found
    finally:
        found.stop()


class Way:
    """What a connector connects to instead of a server on loopback: cut, connections are refused
    and those there are reset, wherever they are in what they say."""

    def __init__(self, to_port: int) -> None:
        self.port = free_port()
        self._to = to_port
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listening: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        listening.listen(64)
        self._listening = listening
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def cut(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            with suppress(OSError):  # wakes who waits in accept
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            _reset(end)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to), 5)
            except OSError:
                if self._listening is not listening:
                    return
                with suppress(OSError, UnboundLocalError):
                    near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
        with self._lock:
            is_over = source not in self._open
            self._open.discard(source)
            if not is_over and sink not in self._open:
                for end in (source, sink):
                    end.close()


def _reset(end: socket.socket) -> None:
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESETS)
        end.shutdown(socket.SHUT_RD)
    end.close()
