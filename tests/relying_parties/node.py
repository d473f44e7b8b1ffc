"""Runs `relying_party.mjs` in Node, with the packages of the lock file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from tests.support.product import Product

FOLDER = Path(__file__).resolve().parent
SCENARIO_TIMEOUT_S = 60
START_TIMEOUT_S = 30


def install_packages(folder: Path = FOLDER) -> None:
    """`npm ci` unless exactly the packages of the lock file are installed."""
    # npm keeps this record of what it put there.
    installed = _integrity(folder / "node_modules" / ".package-lock.json")
    if installed == _integrity(folder / "package-lock.json"):
        return
    npm = shutil.which("npm")
    assert npm, "npm is needed: the tests run libraries this project did not write"
    subprocess.run([npm, "ci", "--ignore-scripts"], cwd=folder, check=True, timeout=180)


def _integrity(lock: Path) -> dict[str, str]:
    if not lock.is_file():
        return {}
    packages = json.loads(lock.read_text())["packages"]
    return {name: package["integrity"] for name, package in packages.items() if name}


@contextmanager
def running(file: Path, base: str, environment: Mapping[str, str]) -> Iterator[None]:
    """A program of Node that listens at `base`, stopped at the end."""
    process = subprocess.Popen(
        [shutil.which("node") or "node", file.name],
        cwd=file.parent,
        env={**os.environ, **environment},
    )
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            assert process.poll() is None, f"{file.name} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{file.name} does not listen"
            with suppress(requests.RequestException):
                requests.get(base, timeout=5)
                break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


def play(product: Product, scenario: str, job: dict[str, Any]) -> dict[str, Any]:
    """Play one scenario against the product; a failure inside it fails the test with its story."""
    node = shutil.which("node")
    assert node, "node 20 or newer is needed"
    environment = dict(os.environ)
    if product.ca_file:
        environment["NODE_EXTRA_CA_CERTS"] = str(product.ca_file)
    done = subprocess.run(
        [node, "relying_party.mjs"],
        cwd=FOLDER,
        env=environment,
        input=json.dumps({"scenario": scenario, "issuer": product.issuer, **job}),
        capture_output=True,
        text=True,
        timeout=SCENARIO_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    if "failure" in seen:
        story = json.dumps(seen, indent=1, ensure_ascii=False)
        raise AssertionError(f"{scenario}: {story}\n{product.log_tail(30)}")
    return seen
