"""Finding a slapd: the system's package, or the same packages unpacked in a folder of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_MODULES = ("back_mdb.so", "argon2.so", "ppolicy.so", "syncprov.so", "unique.so")
_SCHEMAS = ("core.ldif", "cosine.ldif", "inetorgperson.ldif")


@dataclass(frozen=True)
class SlapdInstallation:
    """Where slapd's parts are. `library_path` is set for an unpacked bundle only."""

    binary: Path
    module_path: Path
    schema_path: Path
    library_path: Path | None = None

    def environment(self) -> Mapping[str, str]:
        """All a slapd process needs in its environment; nothing of ours is passed on."""
        if self.library_path is None:
            return {"LC_ALL": "C"}
        return {"LC_ALL": "C", "LD_LIBRARY_PATH": str(self.library_path)}


def candidate_roots(state: Path) -> tuple[Path, ...]:
    """Where slapd may be, in order: the system, then packages unpacked with ``dpkg -x``."""
    return (
        Path("/"),
        state / "cache" / "debs",
        state / "cache" / "slapd",
        Path.home() / ".cache" / "danhmuc" / "slapd",
    )


def slapd_installation(roots: Iterable[Path]) -> SlapdInstallation | None:
    """The first complete slapd under `roots` (binary, modules with argon2, standard schemas)."""
    for root in roots:
        found = _at(root)
        if found is not None:
            return found
    return None


def _at(root: Path) -> SlapdInstallation | None:
    binary, modules = root / "usr/sbin/slapd", root / "usr/lib/ldap"
    schemas = root / "etc/ldap/schema"
    wanted = [binary, *(modules / name for name in _MODULES), *(schemas / n for n in _SCHEMAS)]
    if not all(path.is_file() for path in wanted):
        return None
    if root == Path("/"):
        return SlapdInstallation(binary, modules, schemas)
    libraries = next(iter(sorted((root / "usr/lib").glob("*-linux-gnu"))), None)
    return SlapdInstallation(binary, modules, schemas, libraries)
