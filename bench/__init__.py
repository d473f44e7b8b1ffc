"""Measurements of the running product: how fast, how much memory, and where the time goes."""
