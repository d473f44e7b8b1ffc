"""Client certificates of the state's PKI: keys in devices that people put into a computer.

The proxy asks for the certificate at an address of its own and hands it on in a header; whether it
counts, and whose it is, is decided here.
"""
