"""Lists that leave the system as files: how much one person may take, and what the log keeps of it.

Whose list it is decides who may read it; here nothing is decided but how many lines leave at once
and in a day. What was taken today the log itself says: there is no second account of it.
"""
