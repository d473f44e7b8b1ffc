"""``/healthz`` and ``/readyz``: for supervisors and load balancers."""
