"""Who proves two factors where: the one function that decides, and the rules of the province.

Owns the rules, the named networks, and since when somebody without a second factor has been given
time. Handed to: `idp.journeys` and `idp.oidc` ask, the console and the command line set.
"""
