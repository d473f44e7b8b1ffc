"""What a password must be: one policy for each kind of account, the lists of what everybody tries,
and the patterns of this country.

Handed to: `directory.people` checks what is set, pages and the command line tell what is wanted.
"""
