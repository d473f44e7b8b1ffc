"""Changes of the catalogue that neither get lost nor happen twice.

A change touches two stores, so it goes in three steps: an SQL transaction says what is meant and
reserves unique values; one LDAP operation on one entry carries the intent's id; a second SQL
transaction settles it. A recovery loop settles what a crash left open, by looking at the entry.
"""
