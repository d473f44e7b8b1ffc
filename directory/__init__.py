"""The bottom storey: people, agencies, roles, decisions, audit, intents, and their stores.

Imports none of our other packages, and no web framework: commands and the worker load it too.
"""
