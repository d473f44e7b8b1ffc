"""Keeping other systems in step with the catalogue: feed, connectors, SCIM, jobs.

Imports `directory` only, never `idp`.
"""
