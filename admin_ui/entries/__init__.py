"""What each process of ours loads: the issuer, the console, the worker."""
