"""Roles and grants as people come to have them: given, or asked for and approved by a second.

Above decisions (`directory.authz`) and the register of requests (`directory.requests`), which it
joins: what may not be given at once is asked for here.
"""
