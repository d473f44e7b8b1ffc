"""deploy/test: a failure on either engine is a failure, and the last line is pytest's own."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

BOOTSTRAP = Path(__file__).resolve().parents[2] / "deploy" / "bootstrap"
SUMMARY = re.compile(r"=* ?\d+ (passed|failed).* in [\d.]+s ?=*")


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module as it is, with nothing to install and this Python instead of the checkout's."""
    monkeypatch.syspath_prepend(str(BOOTSTRAP))
    found = importlib.import_module("check")
    monkeypatch.setattr(found, "_BIN", Path(sys.executable).parent)
    monkeypatch.setattr(found, "_bring_parts", list)
    monkeypatch.setattr(found, "_CHECKS", ())
    yield found
    sys.modules.pop("check", None)


def small_file(folder: Path, body: str) -> str:
    path = folder / "test_small.py"
    head = "import os\ndef test_engine():\n    engine = os.environ['TEST_ENGINE']\n"
    path.write_text(head + body)
    return str(path)


def test_a_failure_on_one_engine_fails_the_whole(
    check: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    file = small_file(tmp_path, "    assert engine == 'postgresql'\n")
    options = (file, "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "-c", "/dev/null")
    runs = [replace(run, arguments=options) for run in check._WHOLE]
    monkeypatch.setattr(check, "_WHOLE", runs)
    monkeypatch.setattr(check, "_known_vulnerabilities", list)
    assert check.main([]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert SUMMARY.fullmatch(lines[-1]), lines[-1]
    assert " 1 passed" in lines[-1]
    # Each whole, though they run at once.
    assert lines.index("tests on PostgreSQL:") > next(
        n for n, line in enumerate(lines) if "1 failed" in line
    )
    assert lines[-3].startswith("tests on SQLite (all but the deep): 1 failed")
    assert lines[-2].startswith("tests on PostgreSQL (those marked both_engines): 1 passed")


def test_deep_has_the_long_ones_and_everything_on_postgresql(
    check: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_ENGINE", raising=False)
    commit, deep = check._runs(False, []), check._runs(True, ["--deep"])
    assert [(run.engine, run.arguments[1]) for run in commit] == [
        ("sqlite", "not deep"),
        ("postgresql", "both_engines and not deep"),
    ]
    assert "tests/directory/test_lease.py" in commit[1].arguments
    assert "tests/web/test_words.py" not in commit[1].arguments
    assert [(run.engine, run.arguments[1]) for run in deep] == [
        ("sqlite", "deep"),
        ("postgresql", "not deep and not without_sql"),
    ]
    monkeypatch.setenv("TEST_ENGINE", "postgresql")
    assert [run.engine for run in check._runs(True, ["--deep"])] == ["postgresql"]


def test_a_check_that_fails_is_told_with_what_it_said(
    check: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "_BIN", Path("/bin"))
    bad = ("sh", "-c", "echo so wrong; exit 3")
    monkeypatch.setattr(check, "_CHECKS", (("bad", bad), ("good", ("true",))))
    assert check._checks_that_fail() == ["bad failed"]
    told = capfd.readouterr().out
    assert "bad: FAILED" in told and "so wrong" in told and "good: passed" in told


def test_what_is_asked_for_runs_once_on_the_engine_asked_for(
    check: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TEST_ENGINE", "postgresql")
    file = small_file(tmp_path, "    assert engine == 'postgresql'\n")
    options = ["-p", "no:cacheprovider", "--rootdir", str(tmp_path), "-c", "/dev/null"]
    assert check.main([file, *options]) == 0
    out = capfd.readouterr().out
    assert out.count("test session starts") == 1
    assert SUMMARY.fullmatch(out.splitlines()[-1])


def test_a_skipped_test_counts_as_not_done(
    check: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = small_file(tmp_path, "    import pytest\n    pytest.skip('no time')\n")
    options = ["-p", "no:cacheprovider", "--rootdir", str(tmp_path), "-c", "/dev/null"]
    assert check.main([file, *options]) == 1
    assert "counts as not done" in "".join(capfd.readouterr())


ANSWERS = {
    "nobody answers": ("", [], "NOT ASKED"),
    "an index without advisories": (
        [{"name": "flask", "skip_reason": "not found"}],
        [],
        "NOT ASKED",
    ),
    "nothing known": ([{"name": "flask", "version": "3.1", "vulns": []}], [], "0 in 1 packages"),
    "something known": (
        [{"name": "flask", "version": "0.1", "vulns": [{"id": "CVE-2018-1000656"}]}],
        ["flask 0.1 has a known vulnerability: CVE-2018-1000656"],
        "1 in 1 packages",
    ),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_known_vulnerabilities_fail_and_nobody_to_ask_is_said(
    check: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    answer: str,
) -> None:
    packages, troubles, said = ANSWERS[answer]
    audit = tmp_path / "pip-audit"
    document = json.dumps({"dependencies": packages}) if packages else "no connection"
    audit.write_text(f"#!/bin/sh\nprintf '%s' {shlex.quote(document)}\nexit 1\n")
    audit.chmod(0o755)
    monkeypatch.setattr(check, "_BIN", tmp_path)
    assert check._known_vulnerabilities() == troubles
    assert said in capfd.readouterr().out


def test_coverage_of_a_run_is_told_as_a_figure(
    check: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = small_file(tmp_path, "    import admin_ui.components\n")
    options = (file, "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "-c", "/dev/null")
    run = check.Run("small", "sqlite", options, is_measured=True)
    status, last_line = check._run_pytest(run, check._print_line)
    assert status == 0
    assert "1 passed" in last_line
    told = re.search(r"^coverage: (\d+) % of lines$", capfd.readouterr().out, re.MULTILINE)
    assert told and 0 < int(told[1]) < 100
