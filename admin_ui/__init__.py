"""The top storey: the console, the command line, and the assembly of processes and worker jobs.

May import everything below it; nothing imports it.
"""
