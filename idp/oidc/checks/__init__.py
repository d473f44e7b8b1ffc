"""The checks of the authorization endpoint, one a file; `order` has their order.

A check reads `AuthorizationRequest` and fills in what it stands for, or raises an OAuth error.
Error texts are fixed English sentences: never an echo of input.
"""
