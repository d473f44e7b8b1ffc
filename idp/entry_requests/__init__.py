"""Asking to be let into an application, from the page that refuses."""
