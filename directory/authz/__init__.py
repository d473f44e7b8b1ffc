"""Who may do what: applications, roles, grants, and the one decision function.

Truth is SQL. People and agencies are referred to by their immutable ids only.
"""
