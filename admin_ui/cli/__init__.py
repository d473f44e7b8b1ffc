"""The command line: one file per noun, each command parses, calls a service, prints the answer.

Acts as ``os:<login>``, needs the state folder, is always audited, and works when the web is down.
"""
