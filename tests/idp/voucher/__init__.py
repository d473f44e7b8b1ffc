"""A feature of OpenID Connect as a stranger would add it: everything it needs is in this folder.

An application gets vouchers from an endpoint of their own, and a token for each, once.
"""
