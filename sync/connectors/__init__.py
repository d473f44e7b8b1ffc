"""Kinds of targets: how each is spoken to. The contract is `sync.engine.target`."""
