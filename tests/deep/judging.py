"""Waiting until nothing is under way any more, and holding the journal against what is there."""

from __future__ import annotations

import time
from pathlib import Path

from directory.settings import Settings, read_settings
from tests.support.invariants import broken, collect, count_intents
from tests.support.journal import read_journal
from tests.support.product import Product

SETTLE_S = 30.0
# A request whose driver gave up may still wait for its turn and begin a change.
_QUIET_S = 2.0


def await_settled(settings: Settings, seconds: float = SETTLE_S) -> float:
    """How long it took until no intent was open and none came any more. Fails after `seconds`."""
    began = quiet_since = time.monotonic()
    seen = count_intents(settings)
    while time.monotonic() - quiet_since < _QUIET_S:
        time.sleep(0.2)
        if (now := count_intents(settings)) != seen or now.open:
            seen, quiet_since = now, time.monotonic()
        waited = time.monotonic() - began
        assert waited < seconds, f"{now.open} intents are stuck after {seconds} s"
    return quiet_since - began


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
