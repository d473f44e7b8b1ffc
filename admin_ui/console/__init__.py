"""The console: agency administrators look after their people here.

A relying party of our own sign-in, client no. 1. `policy` says who may come to which page, handles
of `directory` say what they find there, `views` only ask and show.
"""
