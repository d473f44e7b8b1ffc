"""Applications with a JSON interface of their own: the requests are described in the definition.

`templates` says how a request is made of an account: encoded by construction, nothing is ever
joined into JSON or an address as text. `requests` reads what a definition says, `target` is what
the engine calls.
"""
