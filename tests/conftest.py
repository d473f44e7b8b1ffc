"""Fixtures that tests of several folders share, and what holds for every test."""

from __future__ import annotations

import gc
import os
import signal
from typing import Any

import pytest

from directory.audit import budgets
from directory.ldap import passwords
from tests.support.audit_words import hold_words_to_the_vocabulary
from tests.support.chromium import chromium
from tests.support.costs import LIGHT_COST, full_cost
from tests.support.dealing import ByPreparation, turn_of
from tests.support.made_once import check_each_key_once, compile_each_template_once
from tests.support.postgres import ENGINE, ENGINES, end_shared_cluster
from tests.support.product import http_product, product, tls_product
from tests.support.slapd import own_slapd, slapd_server

__all__ = [
    "chromium",
    "full_cost",
    "http_product",
    "own_slapd",
    "product",
    "slapd_server",
    "tls_product",
]


# What is loaded and collected stays to the end of the run: whoever looks at it again and again
# whether it can go spends a third of the time until the first test.
gc.disable()


def pytest_configure() -> None:
    hold_words_to_the_vocabulary()
    # A real argon2id in a real slapd, but a light one: thousands of passwords are checked.
    # `full_cost` is for the tests about the cost; products that tests start have it anyway.
    passwords.COST = LIGHT_COST
    check_each_key_once()
    compile_each_template_once()
    os.environ["LC_ALL"] = "C.UTF-8"  # the command line speaks Vietnamese in a Vietnamese terminal
    # A shell ignores SIGINT for what it starts in the background, and a child inherits that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    return f"SQL store: {ENGINE}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    elsewhere = [f"only_on_{engine}" for engine in ENGINES if engine != ENGINE]
    bound = [item for item in items if any(map(item.get_closest_marker, elsewhere))]
    config.hook.pytest_deselected(items=bound)
    kept = [item for item in items if item not in bound]
    items[:] = sorted(kept, key=lambda item: turn_of(item.nodeid))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByPreparation:
    return ByPreparation(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    # Every test is an actor of its own: what others caused must not keep its events unrecorded.
    budgets._buckets = budgets.Buckets()
    os.umask(0o022)  # a command that an earlier test called in this process left another


def pytest_unconfigure() -> None:
    end_shared_cluster()
