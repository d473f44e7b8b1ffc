"""A folder that is shared with another program: files appear in it whole, or not at all.

The folder is opened once, part by part below the one that the operator allowed, and no part may be
a symbolic link; everything in it is named by what was opened, so that nobody can put another folder
in its place meanwhile.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sync.engine.target import Unreachable

_MOST_FILES = 10_000
_MOST_BYTES = 5 * 1024 * 1024
_MODE = 0o640
_SAYS = {
    errno.ENOENT: "is not there",
    errno.ENOTDIR: "is no folder, or a symbolic link leads to it",
    errno.ELOOP: "is a symbolic link, or one leads to it",
    errno.EACCES: "may not be written by us",
    errno.EPERM: "may not be written by us",
    errno.EROFS: "can only be read",
    errno.ENOSPC: "has no space left",
    errno.EDQUOT: "has no space left for us",
}


class Folder:
    """It, opened. Whatever goes wrong with it is told as Unreachable: it is tried again."""

    def __init__(self, path: str, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor

    def names(self) -> Sequence[str]:
        """What is in it, in order."""
        with told(self._path):
            return sorted(os.listdir(self._descriptor))  # noqa: PTH208 - of what was opened

    def require_room(self) -> None:
        """A folder that nobody empties fills the disk in the end."""
        if len(self.names()) >= _MOST_FILES:
            raise Unreachable(f"{self._path}: {_MOST_FILES} files, which nobody takes away")

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """A file that is there whole: written under another name, to the disk, then named."""
        with told(self._path):
            unfinished = f".{name}.tmp"
            self.remove(unfinished)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            try:
                opened = os.open(unfinished, flags, _MODE, dir_fd=self._descriptor)
                with os.fdopen(opened, "wb") as file:
                    for piece in pieces:
                        file.write(piece)
                    file.flush()
                    os.fsync(file.fileno())
                os.rename(
                    unfinished, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor
                )
            except BaseException:
                self.remove(unfinished)
                raise
            os.fsync(self._descriptor)

    def read(self, name: str) -> bytes | None:
        """What stands in a file; None for one that is none, or is too long."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            opened = os.open(name, flags, dir_fd=self._descriptor)
        except OSError:
            return None
        with os.fdopen(opened, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            raw = file.read(_MOST_BYTES + 1)
        return raw if len(raw) <= _MOST_BYTES else None

    def rename(self, old: str, new: str) -> None:
        """Give a file another name."""
        with told(self._path):
            os.rename(old, new, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def remove(self, name: str) -> None:
        """See to it that there is no such file."""
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._descriptor)


@contextmanager
def opened(path: str, allowed: Sequence[Path]) -> Iterator[Folder]:
    """The folder, if it is one of those allowed or below one."""
    descriptor = _open(path, allowed)
    try:
        yield Folder(path, descriptor)
    finally:
        os.close(descriptor)


def _open(path: str, allowed: Sequence[Path]) -> int:
    root = next((each for each in allowed if Path(path).is_relative_to(each)), None)
    if root is None:
        raise Unreachable(f"{path} is not below one of DANHMUC_DROP_FOLDERS")
    with told(path):
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        descriptor = os.open(root, flags)
        for part in Path(path).relative_to(root).parts:
            above = descriptor
            try:
                descriptor = os.open(part, flags | os.O_NOFOLLOW, dir_fd=above)
            finally:
                os.close(above)
        return descriptor


@contextmanager
def told(path: str) -> Iterator[None]:
    """What is wrong with it, in words."""
    try:
        yield
    except OSError as error:
        says = _SAYS.get(error.errno or 0, f"cannot be worked with ({error.strerror})")
        raise Unreachable(f"{path} {says}") from error
