"""The account for when nobody else can get in: sealed on paper in two halves, loud once opened.

Owns which accounts are such and their seals. Handed to: the command line makes and seals them, the
sign-in tells of its sessions, the worker closes them.
"""
