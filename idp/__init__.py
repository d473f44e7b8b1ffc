"""Sign-in, OpenID Connect and account self-service: the public face of the catalogue.

Imports `web` and `directory` only.
"""
