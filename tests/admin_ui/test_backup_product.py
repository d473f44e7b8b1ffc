"""Backup, drill and restore of the product as people run it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.support.installation import short_folder
from tests.support.ports import find_free_block
from tests.support.product import REPOSITORY, Product

pytestmark = pytest.mark.only_on_sqlite("PostgreSQL is backed up by its own tools: ours refuses")

READY = "Danh Mục is ready"


def test_everything_may_run_during_backup_and_drill_but_not_during_a_restore(
    http_product: Product,
) -> None:
    made = http_product.danhmuc_json("backup", "create")
    drilled = http_product.danhmuc_json("backup", "drill")
    assert drilled["ok"], drilled
    assert Path(made["file"]).name == drilled["file"]
    refused = http_product.danhmuc("backup", "restore", made["file"], check=False)
    assert refused.returncode == 1
    assert "Stop Danh Mục before a restore: already running" in refused.stderr
    assert requests.get(f"{http_product.issuer}/readyz", timeout=20).status_code == 200


@pytest.mark.deep
def test_a_restore_killed_at_its_most_delicate_is_finished_by_the_next_start() -> None:
    with short_folder() as folder:
        port = find_free_block()
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DANHMUC_")}
        environ = {
            **kept,
            "DANHMUC_STATE": str(folder / "state"),
            "DANHMUC_PORT": str(port),
            "PYTHONUNBUFFERED": "1",
        }
        log = folder / "up.log"

        def danhmuc(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-m", "admin_ui.cli", *arguments],
                cwd=REPOSITORY,
                env=environ | more,
                capture_output=True,
                text=True,
                timeout=120,
            )

        def run_until_ready() -> subprocess.Popen[bytes]:
            with log.open("wb") as output:
                process = subprocess.Popen(
                    [sys.executable, "-m", "admin_ui.cli", "up", "--people", "300"],
                    cwd=REPOSITORY,
                    env=environ,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            deadline = time.monotonic() + 120
            while READY not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            return process

        def stop(process: subprocess.Popen[bytes]) -> None:
            process.terminate()
            assert process.wait(30) == 0

        process = run_until_ready()
        assert danhmuc("backup", "create", "--to", str(folder / "apart")).returncode == 0
        added = danhmuc(
            *("person", "add", "--username", "sau.nay", "--full-name", "Lê Thị Sau"),
            *("--agency", "STTTT"),
        )
        assert added.returncode == 0, added.stderr
        stop(process)
        (archive,) = (folder / "apart").glob("*.backup")
        for nth in (2, 5):
            point = {"DANHMUC_FAULT_POINT": f"restore.moved:{nth}"}
            killed = danhmuc("backup", "restore", str(archive), **point)
            assert killed.returncode == -signal.SIGKILL, killed.stderr
            assert "interrupted" in danhmuc("person", "list").stderr
            process = run_until_ready()
            assert requests.get(f"http://localhost:{port}/readyz", timeout=20).status_code == 200
            assert danhmuc("person", "show", "sau.nay").returncode == 1
            found = danhmuc("person", "list", "--json", "--limit", "1")
            assert '"total": 300' in found.stdout
            stop(process)
