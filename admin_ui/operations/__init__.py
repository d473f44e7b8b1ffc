"""Install, run, look after, back up: what the command line does to an installation."""
