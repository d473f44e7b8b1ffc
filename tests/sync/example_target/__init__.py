"""A kind of target as short as it can be: an old application with a table of accounts in SQLite.

Nothing outside this folder knows of it but the line that names `kind` (`sync.engine.kinds`; here a
test puts it there).
"""
