"""Slips: a code on paper with which one person, once, sets a password and finds a way back in.

Issued by a command or by whoever may reset that person's sign-in, for somebody who has no password
yet or has lost the ways to prove who they are.
"""
