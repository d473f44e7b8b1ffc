"""Everything an application needs to be a relying party of the province's sign-in.

Owns: sign-in by OpenID Connect, server-side sessions, logout in both directions, the role guard
and the page shell. Hands to the application: `create_application`, `require_role`, the signed-in
`Member` and its own SQLite `Store`. Knows nothing about documents or files.
"""
