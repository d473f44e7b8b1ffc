"""The one way out over HTTP: default deny, the checked address is the connected address.

Everything we send to an address somebody configured (logout tokens, webhooks, keys, connectors)
goes through `client`; `policy` says which addresses are allowed.
"""
