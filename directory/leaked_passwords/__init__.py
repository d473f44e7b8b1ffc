"""Lists of leaked passwords, held against the catalogue: whoever still uses one of theirs has to
set another.

Handed to: the command line reads a list in, the worker tries it line by line.
"""
