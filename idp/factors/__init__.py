"""The ways in which a person proves who they are, a package each: its step, its pages, its tables.

A factor knows no other factor, and nothing of what comes before or after it.
"""
