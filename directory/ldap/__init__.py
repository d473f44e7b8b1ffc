"""The LDAP room: the only one that imports ldap3, and the only one that knows slapd.

`gateway` is what the house uses; `embedded` builds and starts the private slapd;
`docs/explanation/ldap.md` says why it is the way it is.
"""
