"""Server-side sessions: one row per sign-in, a cookie that only points at it, and its applications.

Handed to: `idp.signin` opens and renews, `idp.oidc` reads, `idp.logout` ends.
"""
