"""All children of the supervisor: started by stage, kept running, stopped in reverse order."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from admin_ui.operations.held_state import mark, remember_children
from admin_ui.operations.supervisor.health import wait_until_healthy
from admin_ui.operations.supervisor.process import Child, Service, rotate
from directory.settings import Settings

SUPERVISOR_LOG = "supervisor.log"
_POLL_S = 0.2
_STOP_PATIENCE_S = 10.0  # for all stages above slapd together, and once more for slapd


class Group:
    """The running services of one installation."""

    def __init__(
        self, settings: Settings, is_stopping: Callable[[], bool], tell: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._is_stopping = is_stopping
        self._tell = tell
        self._children: list[Child] = []

    def start(self, services: Sequence[Service]) -> None:
        """Start services together and wait until each is healthy. Raises `CannotStart`."""
        fresh = [
            Child(service, self._settings.logs_dir / f"{service.name}.log")
            for service in sorted(services, key=lambda service: service.stage)
        ]
        for child in fresh:
            self._children.append(child)
            child.start()
            self._remember()
        wait_until_healthy(fresh, self._is_stopping, self._tell)

    def keep_running(self) -> None:
        """Restart what ends by itself, with growing delays, until a stop is asked for."""
        while not self._is_stopping():
            for child in self._children:
                self._look_after(child)
            rotate(self._settings.logs_dir / SUPERVISOR_LOG)
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """Stop all, highest stage first; what does not obey in time is killed."""
        deadline = time.monotonic() + _STOP_PATIENCE_S
        for stage in sorted({child.service.stage for child in self._children}, reverse=True):
            if stage == 0:
                deadline = time.monotonic() + _STOP_PATIENCE_S
            self._stop_stage(stage, deadline)
        self._children.clear()
        self._remember()

    def _stop_stage(self, stage: int, deadline: float) -> None:
        members = [child for child in self._children if child.service.stage == stage]
        for child in members:
            child.ask_to_stop()
        while any(child.is_running for child in members) and time.monotonic() < deadline:
            time.sleep(0.02)
        for child in members:
            if child.is_running:
                self._tell(f"{child.service.name} does not stop; killing it")
            child.kill()

    def _look_after(self, child: Child) -> None:
        rotate(child.log_path)
        if child.is_running:
            return
        if child.process is not None:
            how = child.describe_exit()
            child.kill()
            child.process = None
            delay = child.note_exit()
            self._tell(
                f"{child.service.name} ended ({how}); starting it again in {delay} s, "
                f"its log is {child.log_path}"
            )
        elif time.monotonic() >= child.start_again_at:
            child.start()
            self._remember()

    def _remember(self) -> None:
        running = [
            mark(child.service.name, child.process.pid)
            for child in self._children
            if child.process is not None and child.is_running
        ]
        remember_children(self._settings.run_dir, running)
