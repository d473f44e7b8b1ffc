"""Accounts of applications that ask the catalogue over LDAP (RFC 4511 calls them clients).

SQL says which there are; each has one entry under ``ou=applications``, which says what is released
to it (`directory.release`) and whom it is open to (`directory.authz.applications`), and slapd's
access rules go by that. The entry follows from SQL: whatever differs is written again.
"""
