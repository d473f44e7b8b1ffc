"""What one person asks and a second decides: the register of requests and their decisions.

A component declares its kinds of request (`directory.component.RequestKind`) and carries them out;
here it is said who asked what, who may decide it, and that nobody decides for themselves.
"""
