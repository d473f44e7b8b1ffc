"""A factor as a stranger would add it: everything it needs is in this folder.

The person has a printed card of numbered words; the page asks for one of them, each once.
"""
