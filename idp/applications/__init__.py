"""The register of applications as somebody may see and change it: the application of
`directory.authz` and its connection of `idp.clients`, which are one thing to people.

Owns no table. Screens hold its handles; the command line asks the services below.
"""
