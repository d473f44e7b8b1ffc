"""OpenID Connect and OAuth 2.0 endpoints: one file each, Authlib's engine behind the token ones.

Owns the tables `token_family` and `posted_request`. `assembly.install(app, …)` puts together what
components declare (`idp.feature`); `token_families` holds and ends what was issued in a session;
`id_token_hint` reads an ID token of ours that somebody brings back. The way of a login through this
package:

`authorize` (a table of `checks`) → `interaction` (must someone sign in?) → `idp.journeys` →
`authorize` again → `authorize_response` → `codes` → `token_endpoint` (`grants`) → `tokens` and
`claims` → `userinfo`, `introspect`.
"""
