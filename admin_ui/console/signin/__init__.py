"""Signing in through our own OpenID Connect provider, as any other application would.

Only two things are nearer than elsewhere: the signing keys are read from our own store instead of
the network, and the issuer's session is looked at on every request instead of waiting to be told.
"""
