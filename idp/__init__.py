"""Sign-in, OpenID Connect and account self-service: the public face of the catalogue.

Imports `directory` only; shares its design kit (`idp.kit`) with the console above it.
"""
