"""Server-side sessions: one row per sign-in, a cookie that only points at it, and its applications.

Handed to: `idp.journeys` opens and renews, `idp.oidc` reads, `idp.logout` ends.
"""
