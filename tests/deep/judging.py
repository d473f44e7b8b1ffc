"""Waiting until nothing is under way any more, and holding the journal against what is there."""

from __future__ import annotations

import time
from pathlib import Path

from directory.settings import Settings, read_settings
from tests.support.invariants import broken, collect, open_intents
from tests.support.journal import read_journal
from tests.support.product import Product

SETTLE_S = 30.0


def await_settled(settings: Settings, seconds: float = SETTLE_S) -> float:
    """How long it took until no intent was open. Fails after `seconds`."""
    began = time.monotonic()
    while left := open_intents(settings):
        assert time.monotonic() - began < seconds, f"{left} intents are stuck after {seconds} s"
        time.sleep(0.2)
    return time.monotonic() - began


def assert_kept(settings: Settings, journal: Path, folder: Path, told: str = "") -> None:
    """Every promise in the journal is kept, and everything else is all or nothing."""
    evidence = collect(settings, folder)
    sentences = broken(read_journal(journal), evidence)
    slowest = max((intent.open_for_s for intent in evidence.intents.values()), default=0)
    print(f"{len(evidence.intents)} intents, the slowest was open for {slowest:.1f} s")
    assert not sentences, "\n".join([f"{len(sentences)} broken:", *sentences[:30], told])


def settings_of(product: Product) -> Settings:
    """The settings a product was started with."""
    ours = {k: v for k, v in product.environment.items() if k.startswith("DANHMUC_")}
    return read_settings(ours)
