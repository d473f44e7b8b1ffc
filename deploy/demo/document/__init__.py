"""Quản lý văn bản (mẫu): incoming documents are registered, assigned and completed.

`register.py` is the business on SQLite, `views.py` its pages, `application.py` puts them together.
Who may do what comes from the `roles` claim alone.
"""
