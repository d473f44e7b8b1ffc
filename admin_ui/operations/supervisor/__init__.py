"""`danhmuc up`: every process of one installation under one supervisor.

Owns starting, health, restarting and stopping of slapd, the web processes, the worker and the two
demo applications. Hands `run_all` and `UpOptions` to the command line.
"""
