"""What the catalogue knows: the records (people, posts, agencies) and their form as LDAP entries.

Plain data and pure functions; the services that change them are `people` and `agencies`.
"""
