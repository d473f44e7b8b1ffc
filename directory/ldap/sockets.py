"""Where the private slapd listens: a UNIX socket in a folder that only its owner can enter.

slapd makes the socket itself world-writable; the folder's mode 0700 is the protection.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from urllib.parse import quote

from directory.errors import Invalid
from directory.ldap.errors import LDAP_UNSAFE_SOCKET_FOLDER

_LONGEST = 100  # sockaddr_un.sun_path holds 108 bytes with its NUL


def ldapi_path(state: Path) -> Path:
    """The socket's path: in the state folder, or where that is too long for a UNIX socket, in a
    private folder under XDG_RUNTIME_DIR or /tmp. Raises as `prepare_socket_folder`.

    The folder chosen is recorded in the state folder (`slapd/socket`, a symbolic link), so that
    every process finds it whatever its environment.
    """
    near = state / "slapd" / "ldapi"
    if len(os.fsencode(near)) <= _LONGEST:
        return near
    record = state / "slapd" / "socket"
    folder = record.readlink() if record.is_symlink() else _runtime_folder(state)
    if folder.is_symlink() or folder.exists():
        # After a reboot /tmp is empty, and somebody else may have made the folder meanwhile: what
        # listens there would be told our passwords.
        _require_private(folder)
    return folder / "ldapi"


def ldap_socket_uri(state: Path) -> str:
    """The ``ldapi://`` URI of the private slapd."""
    return f"ldapi://{quote(str(ldapi_path(state)), safe='')}"


def prepare_socket_folder(state: Path) -> Path:
    """Make the socket's folder and record it. Returns the socket's path.

    Raises Invalid(``ldap.unsafe_socket_folder``) when the folder is not ours alone.
    """
    socket = ldapi_path(state)
    folder = socket.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_private(folder)
    if folder != state / "slapd":
        _record(state / "slapd" / "socket", folder)
    return socket


def _require_private(folder: Path) -> None:
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077
    if not private or found.st_uid != os.geteuid():
        raise Invalid(
            LDAP_UNSAFE_SOCKET_FOLDER,
            detail=f"{folder} must be a folder of uid {os.geteuid()} with mode 0700",
            folder=str(folder),
        )


def _record(record: Path, folder: Path) -> None:
    if record.is_symlink() and record.readlink() == folder:
        return
    fresh = record.with_name(f".socket.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder)
    fresh.replace(record)


def _runtime_folder(state: Path) -> Path:
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108 - 0700 and checked
    if not base.is_dir() or not os.access(base, os.W_OK):
        base = Path("/tmp")  # noqa: S108
    digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
    return base / f"danhmuc-{os.geteuid()}-{digest}"
