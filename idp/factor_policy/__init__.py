"""Who proves two factors where, and how long sessions last by role: what decides, and the rules.

Owns the rules, the named networks, and since when somebody without a second factor has been given
time. Handed to: `idp.journeys` and `idp.oidc` ask, the console and the command line set.
"""
