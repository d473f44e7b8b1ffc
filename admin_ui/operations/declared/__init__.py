"""What a file declares: agencies, positions, applications, codes, roles, connectors,
grants, rules of two factors as they shall be.

`document` reads YAML into named things with their lines; each section (`agencies`, `positions` …)
compares what it names with what is there and says what would be done; `applying` shows that as a
plan and carries it out; `exporting` writes the same form of what is there. Nothing is written but
by the services that screens and commands use, which decide and audit. What a file does not name
stays. Things are named as people name them, never by ids of ours, so that a file can be brought to
another installation.
"""
