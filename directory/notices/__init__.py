"""Notices: what the operators of the province tell everybody on the pages, from when until when."""
