"""Signing keys of the identity provider, and everything JOSE.

Owns the table `signing_key`. Hands to others: `store.key_store(installation)` (signers,
verifying keys and the ready JWKS), `service` (make, rotate, revoke) and `jose`, the only
module that imports joserfc.
"""
