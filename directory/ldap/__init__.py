"""The LDAP room: the only one that imports ldap3, and the only one that knows slapd.

`gateway` is what the installation uses, `bind` verifies passwords, `embedded` builds and starts the
private slapd, `schema` and `config` say what is in it and who may see it.
"""
