"""Hand-over to the worker: a row in the transaction of the cause, delivered at least once.

Topics belong to the room that delivers them (``backchannel-logout`` to `idp.logout`).
"""
