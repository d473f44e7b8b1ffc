"""Levels of authentication, as applications ask for them and tokens say them (`acr`).

In the counting of Vietnamese rules: "1" one factor (mức 1), "2" two independent factors (mức 2).
"""

from __future__ import annotations

from collections.abc import Iterable

ONE_FACTOR = "1"
TWO_FACTORS = "2"
LEVELS = (ONE_FACTOR, TWO_FACTORS)  # each includes those before it


def least_of(acr_values: Iterable[str]) -> str:
    """The level with which somebody is content who names these (OIDC Core section 3.1.2.1); words
    of others, which mean nothing here, ask for nothing."""
    return min((value for value in acr_values if value in LEVELS), default=ONE_FACTOR)
