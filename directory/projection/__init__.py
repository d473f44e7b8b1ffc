"""A disposable SQL copy of the catalogue: lists, search, sort, counts, the status read of tokens.

`apply.apply_entry` is the only writer: idempotent, never replacing a newer CSN by an older one.
Everything here can be dropped and rebuilt from LDAP, `person_state` excepted.
"""
