"""SCIM 2.0 (RFC 7642, 7643, 7644): applications that offer it keep their accounts by it.

`client` speaks the protocol, `resources` says how an account is a User, `profiles` how servers
differ, `target` is what the engine calls.
"""
