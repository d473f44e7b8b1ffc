"""Backing up the embedded system, restoring it, and proving that it can be restored.

An archive is one file: the catalogue (LDIF), then the SQL store, then the service passwords, sealed
under a key of its own. `keys/` is never inside: whoever finds an archive finds nothing.
"""
