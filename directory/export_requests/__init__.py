"""Asking to take more lines of lists away than the quota of a day allows."""
