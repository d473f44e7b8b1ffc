"""Attribute release: what may leave to an application about a person, by which channel ever.

Every version of it is kept: which attributes, each with its purpose and legal basis, and who asked
for it and who approved it. Whatever tells something of people to applications asks `released`.
"""
