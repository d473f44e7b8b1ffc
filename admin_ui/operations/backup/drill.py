"""Proving that an archive restores: all of a restore but its last step, in a folder thrown away."""

from __future__ import annotations

import logging
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from admin_ui.operations.backup import generations
from admin_ui.operations.backup import scratch as scratches
from admin_ui.operations.backup.create import store_path
from admin_ui.operations.backup.drill_report import Drill, Step, write_drill_report
from admin_ui.operations.backup.errors import (
    BACKUP_DRILL_AUDIT,
    BACKUP_DRILL_DIFFERENCES,
    BACKUP_NONE,
)
from admin_ui.operations.backup.events import BACKUP_DRILL
from admin_ui.operations.backup.manifest import Manifest
from admin_ui.operations.backup.placement import require_all_ours
from admin_ui.operations.backup.rebuild import rebuild, record_restored
from admin_ui.operations.backup.replaced_store import open_replaced_store
from admin_ui.operations.backup.sign_in import give_password, sign_in
from admin_ui.operations.progress import Told, unheard
from directory.actor import Actor
from directory.audit.log import record
from directory.audit.reading import has_event, list_events
from directory.clock import now_ms
from directory.component import Component
from directory.errors import AppError, Invalid, NotFound
from directory.installation import Installation
from directory.sealed import SealBroken
from directory.settings import Settings
from sync.feed.full_scan import reconcile

_LOG = logging.getLogger(__name__)
_PREFIX = "drill-"


@dataclass(frozen=True)
class Drilled:
    """A finished drill and where its minutes lie."""

    drill: Drill
    minutes: Path
    text: str


@dataclass
class _Watch:
    """Times the steps as they are told, and passes them on."""

    told: Told
    steps: list[Step] = field(default_factory=list)
    _name: str = ""
    _began: float = 0.0

    def __call__(self, step: str, done: int, total: int) -> None:
        if step != self._name:
            self.end()
            self._name, self._began = step, time.monotonic()
        self.told(step, done, total)

    def end(self, problem: str = "") -> None:
        if self._name:
            took = time.monotonic() - self._began
            self.steps.append(Step(self._name, round(took, 3), problem))
        self._name = ""


def drill_restore(
    installation: Installation,
    components: Sequence[Component],
    actor: Actor,
    archive: Path | None = None,
    told: Told = unheard,
) -> Drilled:
    """Restore `archive` (the newest good one unless given) into a scratch folder, check what must
    hold, write the minutes, record the event. The system may run; it is not touched.

    What goes wrong in a step is in the minutes. Raises NotFound(``backup.none``) without an
    archive, Conflict(``backup.not_all_ours``).
    """
    require_all_ours(installation.settings)
    archive = archive or _newest(installation.settings)
    watch, found, notes = _Watch(told), list[Manifest](), list[str]()
    began_at, began = now_ms(), time.monotonic()
    problem = ""
    try:
        _run(installation.settings, components, actor, archive, watch, found, notes)
    except (AppError, SealBroken, OSError) as error:
        problem = _told_problem(error)
    except Exception as error:  # a drill tells what it met, whatever it is
        _LOG.exception("the drill failed")
        problem = f"{type(error).__name__}: {error}"
    watch.end(problem)
    drill = Drill(
        file=archive.name,
        size=archive.stat().st_size if archive.is_file() else 0,
        began_at=began_at,
        duration_s=round(time.monotonic() - began, 3),
        who=actor.id,
        host=platform.node(),
        place=installation.settings.province.removeprefix("tỉnh "),
        steps=watch.steps,
        manifest=found[0] if found else None,
        notes=notes,
    )
    return _file(installation, actor, drill)


def _newest(settings: Settings) -> Path:
    newest = generations.last_good(generations.default_folder(settings))
    if newest is None:
        raise NotFound(BACKUP_NONE)
    return newest.path


def _told_problem(error: Exception) -> str:
    if isinstance(error, AppError):
        params = ", ".join(f"{name}: {value}" for name, value in error.params.items())
        return "; ".join(part for part in (error.code, params, error.detail) if part)
    return str(error)


def _run(
    settings: Settings,
    components: Sequence[Component],
    actor: Actor,
    archive: Path,
    watch: _Watch,
    found: list[Manifest],
    notes: list[str],
) -> None:
    # The first step is named before anything can fail.
    watch("Checking the archive", 0, 0)
    with _folder(settings) as folder, ExitStack() as stack:
        scratch = scratches.unpack(settings, archive, settings.keys_dir, folder, watch)
        found.append(scratch.manifest)
        present = stack.enter_context(
            open_replaced_store(store_path(settings), folder / "present.db")
        )
        installation = stack.enter_context(scratches.running(scratch, components, watch))
        rebuilt = rebuild(installation, components, scratch.manifest, present, watch)
        with installation.database.write() as tx:
            record_restored(tx, actor, archive.name, rebuilt)
        _check(installation, components, scratch.manifest, watch, notes)
        watch.end()
        carried = sum(rebuilt.carried.counts().values())
        notes.append(
            f"Kết thúc {rebuilt.sessions_ended} phiên, thu hồi {rebuilt.tokens_revoked} chuỗi mã "
            f"truy cập, ghi lại {len(rebuilt.replay.done)} thay đổi, giữ nguyên {carried} việc "
            f"thu hồi, xóa {len(rebuilt.carried.passwords)} mật khẩu cũ."
        )
        notes += [f"{intent}: {reason}" for intent, reason in rebuilt.replay.refused]


def _check(
    installation: Installation,
    components: Sequence[Component],
    manifest: Manifest,
    watch: _Watch,
    notes: list[str],
) -> None:
    watch("Comparing once more", 0, 0)
    left = reconcile(installation, Actor("system", "drill"), reason="drill", dry_run=True)
    if left.counts:
        raise Invalid(BACKUP_DRILL_DIFFERENCES, found=dict(left.counts))
    watch("Reading the audit log", 0, 0)
    _read_audit(installation, manifest)
    watch("Asking LDAP for a password", 0, 0)
    probe = give_password(installation)
    if probe is None:
        notes.append("Danh mục không có ai đang hoạt động: không thử đăng nhập.")
        return
    watch("Signing a person in", 0, 0)
    claims = sign_in(installation, components, probe)
    notes.append(f"Người đăng nhập thử: {claims.get('name', probe.person.username)}.")


def _read_audit(installation: Installation, manifest: Manifest) -> None:
    """The last events can be read, and the backup's own head is there."""
    with installation.database.read() as tx:
        list_events(tx, limit=50)
        head_is_there = not manifest.audit_head or has_event(tx, manifest.audit_head)
    if not head_is_there:
        raise Invalid(BACKUP_DRILL_AUDIT)


@contextmanager
def _folder(settings: Settings) -> Iterator[Path]:
    """A folder on the state's own file system, gone afterwards whatever happens.

    Raises Conflict(``backup.under_way``) while another drill is.
    """
    place = settings.run_dir / "drill"
    with generations.locked(place):
        for left in place.iterdir():
            if left.is_dir():
                scratches.discard(left)
        folder = place / generations.stamp(now_ms())
        try:
            yield folder
        finally:
            scratches.discard(folder)


def _file(installation: Installation, actor: Actor, drill: Drill) -> Drilled:
    folder = generations.default_folder(installation.settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{_PREFIX}{generations.stamp(drill.began_at)}.txt"
    text = write_drill_report(drill)
    path.write_text(text, encoding="utf-8")
    with installation.database.write() as tx:
        record(
            tx,
            BACKUP_DRILL,
            actor,
            file=drill.file,
            ok=drill.ok,
            duration_s=drill.duration_s,
            failed=drill.failed,
        )
    return Drilled(drill, path, text)
