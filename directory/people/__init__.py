"""Services over the people of the catalogue: adding, changing, moving, suspending, passwords.

Every change goes through `intents`; every service asks `authz` first.
"""
