"""Registered applications as OAuth clients: their metadata, secrets and redirect URIs.

Owns the table `client`. Hands to others: `registry.find_client` (parsed, cached for seconds) and
`service` (add, import, update, rotate, disable). Who may enter an application is not here: that is
`directory.authz`; a client and its application share one id.
"""
