"""Everything a commit must keep: style, types, import rules, tests. Called by deploy/test.

Installs what the tests need beside Python (as root, by apt); what cannot be had is named and makes
the run fail: a part that was skipped counts as not done. All tests run on SQLite, and those marked
`both_engines` once more on PostgreSQL. `--deep` runs the long ones, and all that there is on
PostgreSQL. With arguments for pytest they run once, on the engine that TEST_ENGINE names.
What share of the lines ran in the tests' own processes is told of the whole on SQLite, and with
`--coverage` of any files: SlipCover costs next to nothing, but sees no process that a test starts.
What ran where is said at the end; the last line is pytest's own.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import debian
from progress import Missing, StepFailed, run_step, say

_CHECKOUT = Path(__file__).resolve().parents[2]
_BIN = _CHECKOUT / ".venv" / "bin"
# What they are → where their lock is.
_NODE_FOLDERS = {
    "the npm relying parties": _CHECKOUT / "tests" / "relying_parties",
    "the npm SCIM server": _CHECKOUT / "tests" / "sync" / "foreign" / "scimmy",
}


@dataclass(frozen=True)
class Part:
    """A program the tests run against: where it may be, what brings it, what it is for."""

    paths: tuple[str, ...]
    package: str
    purpose: str


_PARTS = (
    Part(("/usr/sbin/slapd",), "slapd", "the catalogue"),
    Part(("/usr/bin/ldapsearch",), "ldap-utils", "reading the catalogue as a foreign client"),
    Part(("/usr/lib/postgresql/*/bin/postgres",), "postgresql", "the tests on PostgreSQL"),
    Part(("/usr/bin/chromium",), "chromium", "the browser tests"),
    Part(("/usr/sbin/apache2",), "apache2-bin", "the mod_auth_openidc tests"),
    Part(
        ("/usr/lib/apache2/modules/mod_auth_openidc.so",),
        "libapache2-mod-auth-openidc",
        "the mod_auth_openidc tests",
    ),
    Part(("/usr/sbin/nginx",), "nginx-light", "the tests of the shipped proxy configurations"),
    Part(("/usr/sbin/haproxy",), "haproxy", "the tests of the shipped proxy configurations"),
    Part(("node",), "nodejs", "the npm relying parties"),
    Part(("npm",), "npm", "the npm relying parties"),
)

_CHECKS = (
    ("ruff check", ("ruff", "check", ".")),
    ("ruff format", ("ruff", "format", "--check", ".")),
    ("import rules", ("lint-imports",)),
    ("mypy", ("mypy",)),
)


# Three at a time on two cores, and those of PostgreSQL beside them: the tests wait for other
# processes about as long as they compute. Who gets which is said in tests/support/dealing.py.
_THREE_AT_A_TIME = ("-n", "3", "--dist", "loadscope", "--no-loadscope-reorder")
_PRODUCT = "directory,web,idp,sync,admin_ui"
_NOT_OURS = ("DANHMUC_", "PYTEST_XDIST_", "SLIPCOVER_")
# They see the product from outside: what holds on one engine there holds on the other.
_ONCE = ("browser", "demo", "deploy", "relying_parties", "security")


@dataclass(frozen=True)
class Run:
    """One run of pytest. `covers`: which tests, in words."""

    name: str
    engine: str
    arguments: tuple[str, ...]
    covers: str = "those asked for"
    is_measured: bool = False


def _marked_both_engines() -> list[str]:
    """Their files, found by the word: to load all others first would take longer than a tenth of
    the run."""
    paths = sorted((_CHECKOUT / "tests").rglob("test_*.py"))
    marked = [path for path in paths if "mark.both_engines" in path.read_text(encoding="utf-8")]
    return [str(path.relative_to(_CHECKOUT)) for path in marked]


_WHOLE = (
    Run(
        "tests on SQLite",
        "sqlite",
        ("-m", "not deep", *_THREE_AT_A_TIME),
        "all but the deep",
        is_measured=True,
    ),
    Run(
        "tests on PostgreSQL",
        "postgresql",
        ("-m", "both_engines and not deep", *_marked_both_engines()),
        "those marked both_engines",
    ),
)
_DEEP = (
    Run("deep tests on SQLite", "sqlite", ("-m", "deep"), "the long ones"),
    Run(
        "tests on PostgreSQL",
        "postgresql",
        (
            *("-m", "not deep and not without_sql", *_THREE_AT_A_TIME),
            *(f"--ignore=tests/{folder}" for folder in _ONCE),
        ),
        "all but the deep and those that look from outside",
    ),
)


def main(arguments: list[str]) -> int:
    """Exit code 0 only when every part was there, every check and every test passed."""
    deep = "--deep" in arguments
    looks: list[Callable[[], list[str]]] = [] if deep else [_checks_that_fail]
    if _is_whole(arguments):
        looks.append(_known_vulnerabilities)
    runs = _runs(deep, arguments)
    with ThreadPoolExecutor() as pool:
        looking = [pool.submit(look) for look in looks]
        lacking = _bring_parts()
        ended = _run_all(runs, at_once=not deep)
        troubles = [trouble for looked in looking for trouble in looked.result()]
    for run, (status, last_line) in zip(runs, ended, strict=True):
        troubles += _troubles_of(run, status, last_line)
    for sentence in [f"not done: {sentence}" for sentence in lacking] + troubles:
        say(sentence)
    for run, (_, last_line) in zip(runs, ended, strict=True):
        _print_line(f"{run.name} ({run.covers}): {last_line.strip('= ')}")
    _print_line(ended[-1][1])
    return 1 if troubles or lacking else 0


def _is_whole(arguments: Sequence[str]) -> bool:
    return set(arguments) <= {"--coverage"}


def _run_all(runs: Sequence[Run], *, at_once: bool) -> list[tuple[int, str]]:
    """Exit code and last line of each. At once: what waits leaves the processors to the others. The
    first is shown as it goes, the others when they have ended. Not so the long ones: they measure.
    """
    kept: list[list[str]] = [[] for _ in runs]
    with ThreadPoolExecutor(len(runs) if at_once else 1) as pool:
        shows = [_print_line, *(lines.append if at_once else _print_line for lines in kept[1:])]
        running = [pool.submit(_run_pytest, *each) for each in zip(runs, shows, strict=True)]
        for lines, run in zip(kept, running, strict=True):
            run.result()
            for line in lines:
                _print_line(line)
        return [run.result() for run in running]


def _troubles_of(run: Run, status: int, last_line: str) -> list[str]:
    failed = [f"{run.name} failed: {last_line}"] if status != 0 else []
    skipped = re.search(r"(\d+) skipped", last_line)
    return failed + (
        [f"{run.name}: {skipped[1]} skipped, which counts as not done"] if skipped else []
    )


def _print_line(line: str) -> None:
    print(line, flush=True)


def _runs(deep: bool, arguments: Sequence[str]) -> Sequence[Run]:
    if _is_whole(arguments):
        return _WHOLE
    if arguments == ["--deep"] and "TEST_ENGINE" not in os.environ:
        return _DEEP
    engine = os.environ.get("TEST_ENGINE", "sqlite")
    is_measured = "--coverage" in arguments
    asked = [word for word in arguments if word not in ("--deep", "--coverage")]
    at_a_time = () if deep or asked else _THREE_AT_A_TIME
    marks = ("-m", "deep" if deep else "not deep")
    return [Run("tests", engine, (*marks, *at_a_time, *asked), is_measured=is_measured)]


def _bring_parts() -> list[str]:
    """Install what is missing where that is possible; answer one sentence per thing lacking."""
    missing = [part for part in _PARTS if not _is_there(part)]
    if missing and debian.is_root() and debian.has_apt():
        try:
            debian.install([part.package for part in missing])
        except Missing as problem:
            say(str(problem))
        missing = [part for part in _PARTS if not _is_there(part)]
    lacking = [f"{part.package} is missing, needed for {part.purpose}" for part in missing]
    return lacking + _bring_node_modules()


def _is_there(part: Part) -> bool:
    return any(
        any(Path("/").glob(path.lstrip("/"))) if path.startswith("/") else shutil.which(path)
        for path in part.paths
    )


def _bring_node_modules() -> list[str]:
    """`npm ci` where a lock file changed."""
    npm = shutil.which("npm")
    if npm is None:
        return []
    failed = [_bring_modules_of(npm, what, folder) for what, folder in _NODE_FOLDERS.items()]
    return [problem for problem in failed if problem]


def _bring_modules_of(npm: str, what: str, folder: Path) -> str:
    """Why they could not be brought, if so."""
    lock = folder / "package-lock.json"
    if not lock.is_file():
        return ""
    stamp = folder / "node_modules" / ".danhmuc.stamp"
    fingerprint = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return ""
    try:
        run_step(
            f"Installing {what}",
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=folder,
        )
    except StepFailed as problem:
        return f"npm ci failed, needed for {what}:\n{problem.last_lines()}"
    stamp.write_text(fingerprint)
    return ""


def _checks_that_fail() -> list[str]:
    """All begun at once: mypy takes longer than the others together."""
    began, failed = time.monotonic(), []
    for name, process in [(name, _start(argv)) for name, argv in _CHECKS]:
        said, _ = process.communicate()
        verdict = "FAILED" if process.returncode else "passed"
        _print_line(f"{name}: {verdict} ({time.monotonic() - began:.1f} s)")
        if process.returncode:
            _print_line(said)
            failed.append(f"{name} failed")
    return failed


def _start(argv: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [_BIN / argv[0], *argv[1:]],
        cwd=_CHECKOUT,
        env=_environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _known_vulnerabilities() -> list[str]:
    """One sentence per locked package that has a known vulnerability.

    Where no source of advisories can be reached, as in a network without the Internet, that is
    said, and is no failure.
    """
    lock = ("--requirement", str(_CHECKOUT / "deploy" / "requirements.txt"))
    options = ("--require-hashes", "--disable-pip", "--format", "json")
    try:
        done = subprocess.run(
            [_BIN / "pip-audit", *lock, *options, "--progress-spinner", "off"],
            env=_environ(),
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        packages = json.loads(done.stdout)["dependencies"]
    except (OSError, ValueError, subprocess.TimeoutExpired):
        packages = []
    asked = [package for package in packages if "skip_reason" not in package]
    if not asked:
        print("known vulnerabilities: NOT ASKED, no source of advisories answers", flush=True)
        return []
    found = [
        f"{package['name']} {package['version']} has a known vulnerability: {each['id']}"
        for package in asked
        for each in package["vulns"]
    ]
    print(f"known vulnerabilities: {len(found)} in {len(asked)} packages", flush=True)
    return found


def _run_pytest(run: Run, show: Callable[[str], None]) -> tuple[int, str]:
    """Run pytest, pass its output on as it comes; answer exit code and its own last line."""
    show(f"{run.name}:")
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    pytest = ["pytest", *colour, *run.arguments]
    with tempfile.TemporaryDirectory(prefix="danhmuc-coverage-") as folder:
        environ = _environ() | {"TEST_ENGINE": run.engine}
        report = Path(folder) / "lines.json"
        if run.is_measured:
            measured = ["slipcover", "--source", _PRODUCT, "--json", "--out", str(report)]
            pytest = [*measured, "-m", *pytest]
        status, last_line = _show([_BIN / "python", "-m", *pytest], environ, show)
        if run.is_measured:
            show(f"coverage: {_coverage(report)} % of lines")
    return status, last_line


def _coverage(report: Path) -> str:
    try:
        summary = json.loads(report.read_text(encoding="utf-8"))["summary"]
    except (OSError, ValueError, KeyError):
        return "unknown"
    return f"{summary['percent_covered']:.0f}"


def _show(
    argv: Sequence[str | Path], environ: Mapping[str, str], show: Callable[[str], None]
) -> tuple[int, str]:
    child = subprocess.Popen(
        argv,
        cwd=_CHECKOUT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    last_line = "pytest said nothing"
    for raw in child.stdout or ():
        line = raw.decode(errors="replace").rstrip("\n")
        show(line)
        last_line = line if line.strip() else last_line
    return child.wait(), last_line


def _environ() -> dict[str, str]:
    """The caller's environment without settings of an installation, for tests make their own, nor
    what a run tells its own processes, for this may be one of them.

    Compiled files are kept whatever the caller wishes: the tests start hundreds of processes.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"PYTHONPATH": str(_CHECKOUT)}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
