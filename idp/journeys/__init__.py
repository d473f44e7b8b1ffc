"""Journeys: what a person goes through, step by step, until something is given to them.

A journey is an ordered list of steps over one flow (`idp.flows`), which is kept on our side.
`dispatch` alone decides which step comes next; steps never route to one another.
"""
