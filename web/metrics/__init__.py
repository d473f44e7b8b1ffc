"""Numbers for Prometheus, on a port of their own that only this machine reaches.

Each web process counts in files that all its workers share (prometheus-client's multiprocess mode)
and tells their sum. The console's also tells what the SQL store knows of the worker, the feed and
the queues. No name of a person, no address, nothing that was sent is a label.
"""
